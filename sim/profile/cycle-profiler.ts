import type { AcceleratorListener } from '../accel/listener.ts'
import type { Decoder } from '../cpu/decoder.ts'
import type { TimingModel } from '../cpu/timing/timing-model.ts'
import type { ElfImage } from '../elf/image.ts'
import type { InstructionLog } from '../probe/instruction-log.ts'
import type { DeviceAccess, Probe, Standstill, TrapEntry } from '../probe/probe.ts'
import { type Cause, causeIndex, simplestCycles, splitCost } from './cause.ts'
import { CodeCosts, type PlaceAt, unknownCost } from './code-costs.ts'
import { CodeFunctions } from './code-functions.ts'
import { DeviceAccesses, type DeviceRegisters } from './device-accesses.ts'
import { MemoryTraffic } from './memory-regions.ts'
import { ShadowStack } from './shadow-stack.ts'

/** What the profiler asks of the machine that it follows. */
export interface ProfiledMachine {
  readonly hart: {
    readonly timing: TimingModel
    readonly decoder: Decoder
    readonly code: { place: PlaceAt }
    readonly cycles: number
    readonly instructions: number
  }
  readonly bus: {
    readonly regions: readonly { readonly name: string; readonly base: number; readonly size: number }[]
    memoryAt(address: number, length: number): { readonly waitStates: number } | undefined
  }
  readonly debugInfo: { functionAt(pc: number): string | undefined } | undefined
}

/** Cycles with one cause that no instruction has carried out in: traps, standing still. */
export interface ExtraCost {
  readonly pc: number
  readonly cause: Cause
  cycles: number
  /** Instructions that retired meanwhile: a jump to itself, over and over. */
  instructions: number
}

const NOP = 0x13

/** Follows a run and charges every cycle to an instruction, a chain of callers and a cause. */
export class CycleProfiler implements Probe {
  readonly functions: CodeFunctions
  readonly stack: ShadowStack
  readonly costs: CodeCosts
  readonly extra = new Map<string, ExtraCost>()
  readonly devices: DeviceAccesses
  readonly accelerator: AcceleratorListener
  /** By node of the call tree. */
  readonly nodeCycles: number[] = []
  readonly nodeInstructions: number[] = []
  /** Instant that the run is profiled from. */
  start = 0
  /** Programs that were loaded; the first is the one that runs. */
  readonly images: ElfImage[] = []
  private readonly machineOf: () => ProfiledMachine
  private made: { machine: ProfiledMachine; simplest: number; traffic: MemoryTraffic } | undefined
  private clock = 0
  /** The instruction that retired last: what stands still. */
  private lastPc = 0
  /** Commands that the accelerator has begun to read and not finished. */
  private outstanding = 0

  /**
   * @param machine the machine that this is a probe of, once it is there
   * @param registers names of the registers of its devices
   */
  constructor(machine: () => ProfiledMachine, registers: DeviceRegisters) {
    this.machineOf = machine
    this.functions = new CodeFunctions((pc) => machine().debugInfo?.functionAt(pc))
    this.stack = new ShadowStack((pc) => this.functions.at(pc))
    this.costs = new CodeCosts((pc) => this.splitAt(pc))
    this.devices = new DeviceAccesses(registers)
    this.accelerator = {
      queued: () => this.outstanding++,
      finished: () => {
        this.outstanding = Math.max(0, this.outstanding - 1)
      },
      error: () => {
        this.outstanding = 0
      },
    }
  }

  get traffic(): MemoryTraffic {
    return this.parts.traffic
  }

  loaded(image: ElfImage): void {
    this.images.push(image)
  }

  restored(at: number): void {
    this.clock = at
    this.start = at
  }

  instructions(log: InstructionLog): void {
    const { costs, stack, nodeCycles, nodeInstructions } = this
    const { traffic } = this.parts
    for (let i = 0; i < log.count; i++) {
      const pc = log.pc[i]!
      const raw = log.raw[i]!
      const cycles = log.began[i + 1]! - this.clock
      this.clock += cycles
      stack.enter(pc)
      const page = costs.pageOf(pc, raw)
      const slot = CodeCosts.slotOf(pc)
      page.executed[slot]!++
      const more = cycles - page.splits[slot]!.cycles
      const access = log.access[i]!
      if (access !== 0) traffic.count(log.address[i]!, access)
      if (more !== 0) {
        page.more[slot]! += more
        if (access !== 0)
          page.contention[slot]! += this.contention(more, page.splits[slot]!.split, log.address[i]!, access)
      }
      const { node } = stack
      nodeCycles[node] = (nodeCycles[node] ?? 0) + cycles
      nodeInstructions[node] = (nodeInstructions[node] ?? 0) + 1
      stack.retire(pc, raw, log.destination[i]!, log.result[i]!)
    }
    if (log.count > 0) this.lastPc = log.pc[log.count - 1]!
  }

  trap({ at, pc, handler }: TrapEntry): void {
    this.stack.trap(pc, () => this.charge(pc, 'trap', at))
    this.stack.enter(handler)
    this.charge(handler, 'trap', at + this.parts.machine.hart.timing.trap)
  }

  device(access: DeviceAccess): void {
    this.devices.count(access)
  }

  standstill({ until, instructions }: Standstill): void {
    this.charge(this.lastPc, this.outstanding > 0 ? 'accelerator' : 'idle', until, instructions)
  }

  /** Charges what is left up to the present; call it when the run has ended. */
  finish(): void {
    this.charge(this.lastPc, 'execute', this.parts.machine.hart.cycles)
  }

  /** Charges the time up to `until` to the function that runs. */
  private charge(pc: number, cause: Cause, until: number, instructions = 0): void {
    const cycles = until - this.clock
    if (cycles === 0 && instructions === 0) return
    this.clock = until
    const key = `${pc} ${causeIndex[cause]}`
    const cost = this.extra.get(key) ?? { pc, cause, cycles: 0, instructions: 0 }
    this.extra.set(key, cost)
    cost.cycles += cycles
    cost.instructions += instructions
    const { node } = this.stack
    this.nodeCycles[node] = (this.nodeCycles[node] ?? 0) + cycles
    this.nodeInstructions[node] = (this.nodeInstructions[node] ?? 0) + instructions
  }

  /** What of an access's additional cycles is due to DMA: neither wait states nor the second half of a split one. */
  private contention(more: number, splitCycles: number, address: number, access: number): number {
    const bytes = access & 7
    const split = (address & 3) + bytes > 4
    const waitStates = this.parts.machine.bus.memoryAt(address, bytes)?.waitStates ?? 0
    // An amo loads and stores.
    const parts = (access & 24) === 24 ? 2 : 1
    return Math.max(0, more - parts * (waitStates * (split ? 2 : 1) + (split ? splitCycles : 0)))
  }

  private splitAt(pc: number) {
    const { machine, simplest } = this.parts
    const placed = machine.hart.code.place(pc)
    return placed === undefined ? unknownCost : splitCost(machine.hart.timing, placed, simplest)
  }

  /** Parts that are made when the run begins, because the machine is built after its probes. */
  private get parts() {
    return (this.made ??= this.make())
  }

  private make() {
    const machine = this.machineOf()
    const { timing, decoder } = machine.hart
    const traffic = new MemoryTraffic(this.images[0], machine.bus.regions)
    return { machine, simplest: simplestCycles(timing, decoder.decode(NOP)!), traffic }
  }
}
