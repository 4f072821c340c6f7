/**
 * Follows a run as a probe and reports where firmware breaks the rules of the hardware interface. What an accelerator's
 * rules are follows from its description: units, what commands touch, tokens, registers. Nothing here knows one by name.
 */
import type { AcceleratorDescription } from '../accel/description.ts'
import type { AcceleratorListener } from '../accel/listener.ts'
import { resolveParameters } from '../accel/resolve-parameters.ts'
import { Decoder } from '../cpu/decoder.ts'
import { parseIsa } from '../cpu/isa.ts'
import type { ElfImage } from '../elf/image.ts'
import type { InstructionLog } from '../probe/instruction-log.ts'
import type { DeviceAccess, Probe } from '../probe/probe.ts'
import type { RunResult } from '../run-result.ts'
import { type AcceleratorBlock, findBlock, type SocDescription } from '../soc/description.ts'
import { CommandCheck } from './command-check.ts'
import type { Finding } from './finding.ts'
import { Findings, type Selection } from './findings.ts'
import { HartMemory } from './hart-memory.ts'
import { Memories } from './memories.ts'
import { Places } from './places.ts'
import { RingOrder } from './ring-order.ts'
import { RingWatch } from './ring-watch.ts'

export interface SanitizerOptions {
  readonly soc: SocDescription
  /** Instruction set of the hart, when it is not the SoC's. */
  readonly isa?: string
  /** The accelerator of the SoC; without it only the hart is watched. */
  readonly accelerator?: AcceleratorDescription
  /** Kinds to look for; all when absent. */
  readonly selection?: Selection
}

const RETURN_ADDRESS = 1
const FENCE_OPCODE = 0x0f

export class Sanitizer implements Probe {
  readonly accelerator?: AcceleratorListener
  private readonly found: Findings
  private readonly places = new Places()
  private readonly memory: HartMemory
  private readonly order: RingOrder | undefined
  private readonly ring: RingWatch | undefined
  private readonly block: AcceleratorBlock | undefined
  private returnAddress = 0

  constructor(options: SanitizerOptions) {
    const { soc, accelerator, isa = soc.hart.isa } = options
    this.found = new Findings(options.selection)
    this.block = findBlock(soc, 'accelerator')
    const buses = soc.blocks.filter(({ kind }) => kind === 'ram' || kind === 'rom')
    const specs = accelerator?.memories(resolveParameters(accelerator, this.block?.parameters)) ?? {}
    const memories = new Memories(buses, specs, this.block?.window)
    this.order = accelerator && new RingOrder(accelerator.units)
    this.memory = new HartMemory(this.found, this.places, memories, this.order, new Decoder(parseIsa(isa).extensions))
    if (accelerator === undefined || this.order === undefined) return
    this.ring = new RingWatch(this.found, this.places, this.order, accelerator)
    const { bytesPerCommand } = accelerator.frontEnd
    const commands = new CommandCheck(this.found, this.places, memories, this.order, bytesPerCommand)
    this.accelerator = listener(this.order, this.ring, commands)
  }

  /** What was found so far, in the order in which it was found first. */
  get findings(): readonly Finding[] {
    return this.found.all
  }

  loaded(image: ElfImage): void {
    if (image.symbols.all.length > 0) this.places.load(image)
  }

  hostWrite(address: number, bytes: number): void {
    this.memory.hostWrite(address, bytes)
  }

  instructions(log: InstructionLog): void {
    const { memory } = this
    for (let i = 0; i < log.count; i++) {
      if (memory.watchful) memory.flow(log, i)
      if (log.access[i] !== 0) memory.access(log, i, this.returnAddress)
      if (log.destination[i] === RETURN_ADDRESS) this.returnAddress = log.result[i]! >>> 0
      else if ((log.raw[i]! & 0x7f) === FENCE_OPCODE) this.fence(log.raw[i]!)
    }
  }

  device(access: DeviceAccess): void {
    if (access.region === this.block?.name) this.ring?.access(access, this.returnAddress)
  }

  /** Call it when the run has ended: some mistakes show only then. */
  finish(result: RunResult): readonly Finding[] {
    this.ring?.finish(result.cycles)
    return this.findings
  }

  private fence(raw: number): void {
    if ((raw & 0x7000) === 0) this.order?.fence(raw)
  }
}

function listener(order: RingOrder, ring: RingWatch, commands: CommandCheck): AcceleratorListener {
  return {
    fetched: (place, at) => commands.fetched(place, at),
    queued: (command, at) => order.queued(command, at),
    started: (command) => order.started(command),
    finished(command, at) {
      const tracked = order.finished(command)
      if (tracked !== undefined) commands.finished(tracked, at)
    },
    error: (error, at) => ring.stopped(error, at),
  }
}
