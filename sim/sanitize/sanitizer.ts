/**
 * Follows a run as a probe and reports where firmware breaks the rules of the hardware interface. What an accelerator's
 * rules are follows from its description: units, what commands touch, tokens, registers. Nothing here knows one by name.
 */
import type { AcceleratorDescription } from '../accel/description.ts'
import type { AcceleratorListener } from '../accel/listener.ts'
import type { ElfImage } from '../elf/image.ts'
import type { InstructionLog } from '../probe/instruction-log.ts'
import type { DeviceAccess, Probe, TrapEntry, TrapReturn } from '../probe/probe.ts'
import type { RunResult } from '../run-result.ts'
import type { SocDescription } from '../soc/description.ts'
import type { Finding } from './finding.ts'
import { Findings, type Selection } from './findings.ts'
import { Places } from './places.ts'
import { Watch } from './watch.ts'

export interface SanitizerOptions {
  readonly soc: SocDescription
  /** Instruction set of the hart, when it is not the SoC's. */
  readonly isa?: string
  /** The accelerator of the SoC; without it only the hart is watched. */
  readonly accelerator?: AcceleratorDescription
  /** Kinds to look for; all when absent. */
  readonly selection?: Selection
}

export class Sanitizer implements Probe {
  readonly accelerator: AcceleratorListener = {
    fetched: (place, at) => this.watch.commands?.fetched(place, at),
    queued: (command, at) => this.watch.order?.queued(command, at),
    started: (command) => this.watch.order?.started(command),
    finished: (command, at) => this.watch.finished(command, at),
    error: (error, at) => this.watch.ring?.stopped(error, at),
  }
  private readonly options: SanitizerOptions
  private readonly found: Findings
  private readonly places = new Places()
  private readonly images: ElfImage[] = []
  /** What the host wrote before the first instruction. */
  private readonly prepared: { readonly address: number; readonly bytes: number }[] = []
  private started = false
  private finished = false
  private watch: Watch

  constructor(options: SanitizerOptions) {
    this.options = options
    this.found = new Findings(options.selection)
    this.watch = new Watch(this.found, this.places, options)
  }

  /** What was found so far, in the order in which it was found first. */
  get findings(): readonly Finding[] {
    return this.found.all
  }

  /** Findings beyond those that are kept. */
  get dropped(): number {
    return this.found.dropped
  }

  loaded(image: ElfImage): void {
    if (image.symbols.all.length > 0) this.places.load(image)
    this.images.push(image)
    this.watch.load(image)
  }

  hostWrite(address: number, bytes: number): void {
    // Before the start the stack holds nothing, whatever the host has painted it with.
    if (!this.started && this.watch.code.isStack(address)) return
    if (!this.started) this.prepared.push({ address, bytes })
    this.watch.memory.hostWrite(address, bytes)
  }

  /** At reset all begins again; of another state nothing is known, so everything counts as written. */
  restored(at: number): void {
    this.watch = new Watch(this.found, this.places, this.options)
    for (const image of this.images) this.watch.load(image)
    for (const { address, bytes } of this.prepared) this.watch.memory.hostWrite(address, bytes)
    if (at > 0) this.watch.trustEverything()
    this.started = at > 0
    this.finished = false
  }

  instructions(log: InstructionLog): void {
    this.started = true
    this.watch.instructions(log)
  }

  device(access: DeviceAccess): void {
    this.watch.device(access)
  }

  trap(entry: TrapEntry): void {
    this.watch.interrupts.trap(entry)
  }

  trapReturn(_back: TrapReturn): void {
    this.watch.interrupts.trapReturn()
  }

  interruptLine(irq: number, level: boolean): void {
    this.watch.interrupts.line(irq, level)
  }

  ended(result: RunResult): void {
    this.finish(result)
  }

  /** Some mistakes show only at the end. Call it when a run is given up at a limit; other ends are heard. */
  finish(result: RunResult): readonly Finding[] {
    if (this.finished) return this.findings
    this.finished = true
    const explained = this.watch.ring?.finish(result) ?? false
    this.watch.interrupts.finish(result, explained, this.watch.ring?.whyQuiet())
    return this.findings
  }
}
