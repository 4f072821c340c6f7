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

/** Part of a run: what begins at cycle `from` or later, and before `until`. */
export interface Window {
  readonly from: number
  readonly until: number
}

export interface CycleProfilerOptions {
  /** What counts; everything when absent. */
  readonly window?: Window | undefined
  /** The hart goes on in another function, or in none: a node of the call tree. */
  readonly moved?: (node: number, at: number) => void
}

const NOP = 0x13

/** Follows a run and charges every cycle to an instruction, a chain of callers and a cause. */
export class CycleProfiler implements Probe {
  readonly functions: CodeFunctions
  readonly stack: ShadowStack
  readonly accelerator: AcceleratorListener
  costs: CodeCosts
  devices: DeviceAccesses
  readonly extra = new Map<string, ExtraCost>()
  /** By node of the call tree. */
  readonly nodeCycles: number[] = []
  readonly nodeInstructions: number[] = []
  /** Programs that were loaded; the first is the one that runs. */
  readonly images: ElfImage[] = []
  private readonly machineOf: () => ProfiledMachine
  private readonly registers: DeviceRegisters
  private readonly moved: (node: number, at: number) => void
  private made: { machine: ProfiledMachine; simplest: number; traffic: MemoryTraffic } | undefined
  private from: number
  private until: number
  private clock = 0
  /** The function that `moved` was told of last. */
  private shown = 0
  private outside = false
  /** The instruction that retired last: what stands still. */
  private lastPc = 0
  /** Commands that the accelerator has begun to read and not finished. */
  private outstanding = 0

  /**
   * @param machine the machine that this is a probe of, once it is there
   * @param registers names of the registers of its devices
   */
  constructor(
    machine: () => ProfiledMachine,
    registers: DeviceRegisters,
    { window, moved = () => {} }: CycleProfilerOptions = {},
  ) {
    this.machineOf = machine
    this.registers = registers
    this.moved = moved
    this.from = window?.from ?? 0
    this.until = window?.until ?? Number.POSITIVE_INFINITY
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
    this.skipTo(at)
  }

  /** The next thing heard begins then: what is before it counts for nothing. */
  skipTo(at: number): void {
    this.clock = at
  }

  /** Everything counts from cycle `at` on, and nothing before. */
  begin(at: number): void {
    this.from = at
    this.costs = new CodeCosts((pc) => this.splitAt(pc))
    this.devices = new DeviceAccesses(this.registers)
    this.made = undefined
    this.extra.clear()
    this.nodeCycles.length = 0
    this.nodeInstructions.length = 0
    this.stack.tree.calls.fill(0)
    this.shown = 0
  }

  /** Nothing counts from cycle `at` on. */
  end(at: number): void {
    this.until = at
    this.show(0, at)
  }

  instructions(log: InstructionLog): void {
    const { costs, stack, nodeCycles, nodeInstructions, from, until } = this
    const { traffic } = this.parts
    for (let i = 0; i < log.count; i++) {
      const pc = log.pc[i]!
      const raw = log.raw[i]!
      const began = this.clock
      const cycles = log.began[i + 1]! - began
      this.clock += cycles
      stack.enter(pc)
      if (began < from || began >= until) {
        stack.retire(pc, raw, log.destination[i]!, log.result[i]!)
        this.outside = true
        continue
      }
      if (this.outside) this.enterWindow()
      const { node } = stack
      if (node !== this.shown) this.show(node, began)
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
    if (access.at >= this.from && access.at < this.until) this.devices.count(access)
  }

  standstill({ until, instructions }: Standstill): void {
    this.charge(this.lastPc, this.outstanding > 0 ? 'accelerator' : 'idle', until, instructions)
  }

  /** Charges what is left up to the present; call it when the run has ended. */
  finish(): void {
    this.charge(this.lastPc, 'execute', this.parts.machine.hart.cycles)
    this.show(0, this.clock)
  }

  /** Charges the time up to `until` to the function that runs. */
  private charge(pc: number, cause: Cause, until: number, instructions = 0): void {
    const from = Math.max(this.clock, this.from)
    const cycles = Math.min(until, this.until) - from
    this.clock = until
    if (cycles < 0 || (cycles === 0 && instructions === 0)) return
    const key = `${pc} ${causeIndex[cause]}`
    const cost = this.extra.get(key) ?? { pc, cause, cycles: 0, instructions: 0 }
    this.extra.set(key, cost)
    cost.cycles += cycles
    cost.instructions += instructions
    const { node } = this.stack
    this.show(node, from)
    this.nodeCycles[node] = (this.nodeCycles[node] ?? 0) + cycles
    this.nodeInstructions[node] = (this.nodeInstructions[node] ?? 0) + instructions
  }

  private enterWindow(): void {
    this.outside = false
    this.stack.tree.calls.fill(0)
  }

  private show(node: number, at: number): void {
    if (node === this.shown) return
    this.shown = node
    this.moved(node, at)
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
