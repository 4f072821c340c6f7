import type { Bus } from './bus/bus.ts'
import { Memory } from './bus/memory.ts'
import { Console } from './console.ts'
import { ConsoleInput } from './console-input.ts'
import { countOf } from './count-of.ts'
import { csr } from './cpu/csr/rows.ts'
import { Hart } from './cpu/hart.ts'
import { interpret } from './cpu/interpreter/interpreter.generated.ts'
import { OPCODE_MASK, OPCODE_TRANSLATED } from './cpu/interpreter/opcodes.ts'
import { parseIsa } from './cpu/isa.ts'
import { stepInstruction } from './cpu/step.ts'
import { timingModel } from './cpu/timing/models.ts'
import { eager, patient } from './cpu/translator/hotness.ts'
import { Translator } from './cpu/translator/translator.ts'
import { interrupt } from './cpu/trap.ts'
import type { RunControl } from './debug/run-control.ts'
import { type DebugInfo, debugInfo } from './debug-info/debug-info.ts'
import { HTIF_BYTES, Htif } from './devices/htif.ts'
import { UserError } from './diagnostic.ts'
import type { ElfImage } from './elf/image.ts'
import { SymbolTable } from './elf/symbols.ts'
import { EventQueue } from './events.ts'
import { FaultWatch } from './fault-watch.ts'
import type { Fault } from './inject/fault.ts'
import { Faults } from './inject/faults.ts'
import type { Probe } from './probe/probe.ts'
import { Probes } from './probe/probes.ts'
import { Recorder } from './probe/record.ts'
import { WatchedMemory } from './probe/watched-memory.ts'
import { type EndReason, EXIT_FAULT, EXIT_LIMIT, type RunLimits, type RunResult } from './run-result.ts'
import type { HostFiles } from './semihosting/host.ts'
import { Semihosting } from './semihosting/semihosting.ts'
import { checksum } from './snapshot/checksum.ts'
import { checkIdentity, type MachineIdentity } from './snapshot/identity.ts'
import type { Pages } from './snapshot/pages.ts'
import type { State } from './snapshot/state.ts'
import { type BuiltSoc, buildSoc } from './soc/build.ts'
import { checkSoc } from './soc/check.ts'
import type { SocDescription } from './soc/description.ts'
import { checkEntry, checkFits, withoutHeaders } from './soc/fits.ts'
import type { AcceleratorFactory, AttachedAccelerator } from './soc/platform.ts'
import { waitsFor } from './soc/waits-for.ts'

/** How code can be run. */
export const engines = ['auto', 'interpreter', 'translator'] as const
export type Engine = (typeof engines)[number]

export interface MachineOptions {
  /** Instruction set, instead of the SoC's. */
  readonly isa?: string
  /** Timing model, instead of the SoC's. */
  readonly cpu?: string
  /** How code is run; the result is the same. `auto` turns hot code into WebAssembly, `translator` all that it can. */
  readonly engine?: Engine
  /** What misaligned accesses do, instead of the SoC's choice. */
  readonly misaligned?: 'trap' | 'hardware'
  /** Models of accelerators by name; one that the SoC has and that is missing here is left off the bus. */
  readonly accelerators?: Readonly<Record<string, AcceleratorFactory>>
  /** Called with console output as the guest writes it: text, and the very bytes. */
  readonly console?: (text: string, bytes: Uint8Array) => void
  /** Called with one sentence for every access that nothing answers or that is misaligned, up to a few. */
  readonly diagnostic?: (message: string) => void
  /** What the guest reads from its console; nothing when absent. */
  readonly input?: ConsoleInput
  /** What semihosting gives the guest: host files (none when absent) and its command line. */
  readonly semihosting?: { readonly files?: HostFiles | undefined; readonly commandLine?: string }
  /** What is made to go wrong, the same for the same seed. Such a machine cannot be saved. */
  readonly faults?: { readonly inject: readonly Fault[]; readonly seed: number }
  /** Who follows the run: traces, profiles, checks. */
  readonly probes?: readonly Probe[]
}

/** The virtual platform: a SoC, a program and the one virtual time. */
export class Machine {
  readonly soc: SocDescription
  readonly events = new EventQueue()
  readonly hart: Hart
  readonly bus: Bus
  readonly accelerator: AttachedAccelerator | undefined
  readonly input: ConsoleInput
  /** The debugger, when one is attached. */
  control: RunControl | undefined
  /** Symbols of the loaded program. */
  symbols = new SymbolTable([])
  /** Functions and source lines of the loaded program. */
  debugInfo: DebugInfo | undefined
  private readonly built: BuiltSoc
  private readonly output: Console
  private readonly report: (message: string) => void
  private readonly faults: FaultWatch
  private readonly probes: Probes
  private readonly injected: Faults | undefined
  private readonly watched: WatchedMemory
  private readonly recorder: Recorder | undefined
  private readonly translator: Translator | undefined
  private readonly semihosting: Semihosting
  private htif: Htif | undefined
  /** Whether the user named the ISA. */
  private readonly isaChosen: boolean
  /** Where the program ends: the first byte of its heap. */
  private programEnd = 0
  private identity: MachineIdentity
  private exitCode: number | undefined

  /** @throws UserError when the SoC description, the ISA or the timing model is not valid */
  constructor(soc: SocDescription, options: MachineOptions = {}) {
    checkSoc(soc)
    this.soc = soc
    this.isaChosen = options.isa !== undefined
    const probes = new Probes(options.probes ?? [])
    this.probes = probes
    this.output = new Console(options.console)
    this.input = options.input ?? new ConsoleInput()
    const { faults, diagnostic = () => {} } = options
    this.injected = faults && new Faults(faults.inject, faults.seed, this.events, diagnostic)
    this.built = buildSoc(soc, {
      faults: this.injected,
      events: this.events,
      exit: (code) => this.exit(code),
      transmit: (byte) => this.transmit(byte),
      input: this.input,
      counters: () => ({ cycles: this.hart.cyclesAfterPresent, instructions: this.hart.instructions }),
      interruptLine: (bit) => ({ set: (level) => this.hart.csrs.setPending(interrupt[bit], level) }),
      accelerators: options.accelerators ?? {},
      listener: probes.accelerator,
      onInterruptLine: probes.hears('interruptLine')
        ? (irq, level) => probes.tell('interruptLine', irq, level, this.events.now)
        : undefined,
    })
    this.bus = this.built.bus
    this.accelerator = this.built.accelerator
    this.injected?.attach(
      this.accelerator,
      soc.blocks.flatMap((block) => ('irq' in block ? [block.irq] : [])),
    )
    this.hart = new Hart({
      isa: parseIsa(options.isa ?? soc.hart.isa),
      timing: timingModel(options.cpu ?? soc.hart.cpu),
      misalignedHardware: (options.misaligned ?? soc.hart.misaligned) === 'hardware',
      bus: this.bus,
      memory: this.built.memory,
      busFaults: this.injected?.ofHart,
      events: this.events,
      time: () => this.built.clint?.time ?? 0n,
    })
    this.semihosting = new Semihosting({
      bus: this.bus,
      terminal: { input: this.input, write: (byte) => this.transmit(byte) },
      exit: (code) => this.exit(code),
      now: () => this.hart.cycles,
      clockHz: soc.clockHz,
      heap: () => ({ base: this.programEnd, limit: this.built.memory.base + this.built.memory.size }),
      commandLine: options.semihosting?.commandLine ?? '',
      files: options.semihosting?.files,
      wrote: (address, bytes) => probes.tell('hostWrite', address, bytes),
    })
    this.watched = new WatchedMemory(this.bus, this.hart, probes)
    this.recorder = probes.log && new Recorder(this.hart, probes.log)
    if (probes.hears('trap')) this.hart.onTrap = (entry) => probes.tell('trap', entry)
    if (probes.hears('trapReturn')) this.hart.onTrapReturn = (back) => probes.tell('trapReturn', back)
    if (probes.hears('device')) this.hearDevices()
    this.translator = translatorFor(this.hart, options.engine ?? 'auto')
    this.identity = {
      soc: JSON.stringify(soc),
      blocks: this.bus.regions.map(({ name }) => name).join(' '),
      isa: this.hart.isa.name,
      cpu: this.hart.timing.name,
      misaligned: this.hart.misalignedHardware ? 'hardware' : 'trap',
      program: 'none',
    }
    this.hart.hostCall = () => this.semihosting.serve(this.hart)
    this.report = options.diagnostic ?? (() => {})
    this.faults = new FaultWatch(this.hart, (pc) => this.debugInfo?.describe(pc), this.report)
  }

  /**
   * Copies a program into memory and sets pc to its entry.
   *
   * @throws UserError when it does not fit the memories or needs instructions that the hart has not
   */
  load(image: ElfImage): void {
    this.place(image)
    checkEntry(image, this.bus)
    this.symbols = image.symbols
    this.debugInfo = debugInfo(image)
    const digest = image.segments.reduce((sum, { address, bytes }) => checksum(bytes, sum ^ address), image.entry)
    this.identity = { ...this.identity, program: digest.toString(16) }
    this.hart.pc = image.entry
    const tohost = image.symbols.get('tohost')
    if (tohost !== undefined && this.built.memory.contains(tohost.address, HTIF_BYTES)) {
      const words = { tohost: tohost.address, fromhost: image.symbols.get('fromhost')?.address }
      this.htif = new Htif(this.built.memory, this.events, words, {
        input: this.input,
        exit: (code) => this.exit(code),
        write: (byte) => this.transmit(byte),
        wrote: (address, bytes) => this.probes.tell('hostWrite', address, bytes),
      })
    }
  }

  /**
   * Copies a further image into memory; pc and symbols stay.
   *
   * @throws UserError when it does not fit the memories or needs instructions that the hart has not
   */
  place(given: ElfImage): void {
    const image = withoutHeaders(given, this.bus)
    const lacking = checkFits(image, this.bus, this.hart.isa, this.isaChosen).join(', ')
    if (lacking !== '') {
      this.report(`${image.name} was built for ${lacking}, which no hart has: instructions of it are illegal`)
    }
    this.probes.tell('loaded', image)
    for (const { address, bytes, memorySize } of image.segments) {
      this.writeMemory(address, bytes)
      this.writeMemory(address + bytes.length, new Uint8Array(memorySize - bytes.length))
      const end = (address + memorySize + 15) & -16
      if (this.built.memory.contains(address)) this.programEnd = Math.max(this.programEnd, end >>> 0)
    }
    this.watched.loaded(image)
  }

  /** Runs until the program ends, a limit is reached or nothing can happen any more. Call it again to go on after a limit. */
  run(limits: RunLimits = {}): RunResult {
    const { maxCycles = Number.POSITIVE_INFINITY, maxInstructions = Number.POSITIVE_INFINITY } = limits
    const { events, hart, control } = this
    for (;;) {
      events.advanceTo(hart.cycles)
      if (this.exitCode !== undefined) return this.result('exit', this.exitCode)
      if (this.faults.hopeless !== undefined) return this.result('trap', EXIT_FAULT, this.faults.hopeless)
      if (hart.cycles >= maxCycles) return this.result('limit', EXIT_LIMIT, `reached ${countOf(maxCycles, 'cycle')}`)
      if (hart.instructions >= maxInstructions) {
        return this.result('limit', EXIT_LIMIT, `reached ${countOf(maxInstructions, 'instruction')}`)
      }
      if (this.input.wanted) return this.result('input', EXIT_LIMIT, 'the guest looks for console input')
      hart.takeInterrupt()
      if (control?.stopsAt(hart.pc)) return this.result('stopped', EXIT_LIMIT, 'the debugger stopped it')
      const stuck = this.stuck()
      if (stuck !== undefined) return stuck
      if (hart.waiting || hart.spinning) {
        this.skipIdle(Math.min(events.next, maxCycles), maxInstructions)
        continue
      }
      // Every instruction takes a cycle or more, so this many cycles cannot pass the instruction limit.
      this.advance(Math.min(events.next, maxCycles, hart.cycles + maxInstructions - hart.instructions))
    }
  }

  /**
   * Lets one thing happen: an interrupt is taken, an instruction is carried out, or the waiting hart sleeps up to the
   * next event. That takes a cycle or more, but for the taking of an interrupt in a timing model that charges nothing.
   *
   * @returns how the run ended with it; reason `limit` when it has not
   */
  step(): RunResult {
    const { hart, events } = this
    const { cycles, pc } = hart
    const before = this.run({ maxCycles: cycles })
    if (before.reason !== 'limit') return before
    hart.takeInterrupt()
    const stuck = hart.pc === pc ? this.stuck() : undefined
    if (stuck !== undefined) return stuck
    if (hart.waiting) hart.cycles = events.next
    else if (hart.pc === pc) stepInstruction(hart, this.control?.observer)
    return this.run({ maxCycles: hart.cycles })
  }

  /** Writes what the guest has written to its console but not yet ended with a newline. */
  flushConsole(): void {
    this.output.flush()
  }

  /** From outside the state was changed: what the guest writes from now on was not written before, even if time was. */
  diverge(): void {
    this.output.diverge()
  }

  /**
   * The state of the whole platform as plain data, between two calls of `run`. A machine that is built the same way,
   * has loaded the same program and restores it goes on exactly as this one.
   */
  save() {
    this.refuseInjected()
    const devices: Record<string, State> = {}
    for (const { name, device } of this.bus.regions) devices[name] = device.save?.()
    return {
      identity: this.identity,
      events: this.events.save(),
      hart: this.hart.save(),
      bus: this.bus.save(),
      devices,
      htif: this.htif?.save(),
      console: this.output.save(),
      input: this.input.save(),
      semihosting: this.semihosting.save(),
      faults: this.faults.save(),
      exitCode: this.exitCode,
    }
  }

  /** @throws UserError when the state is that of a machine with another SoC, hart or program */
  restore(state: MachineState): void {
    this.refuseInjected()
    checkIdentity(state.identity, this.identity)
    // Memory is a device too: what watches it may schedule events, so the queue is restored after it is filled.
    for (const { name, device } of this.bus.regions)
      if (device instanceof Memory) device.restore(state.devices[name] as Pages)
    this.events.restore(state.events)
    for (const { name, device } of this.bus.regions) {
      if (!(device instanceof Memory)) device.restore?.(state.devices[name])
    }
    if (state.htif !== undefined) this.htif?.restore(state.htif)
    this.bus.restore(state.bus)
    this.hart.restore(state.hart)
    this.output.restore(state.console)
    this.input.restore(state.input)
    this.semihosting.restore(state.semihosting)
    this.faults.restore(state.faults)
    this.exitCode = state.exitCode
    this.probes.tell('restored', this.hart.cycles)
  }

  /** Copy of `bytes` bytes of memory at `address`. @throws RangeError when they are not all in one memory */
  readMemory(address: number, bytes: number): Uint8Array {
    const into = new Uint8Array(bytes)
    if (bytes > 0 && !this.bus.master().read(address >>> 0, into)) throw outside(address, bytes)
    return into
  }

  /** Stores `bytes` to memory at `address`, read-only memory too. @throws RangeError when they are not all in one memory */
  writeMemory(address: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return
    const memory = this.bus.memoryAt(address >>> 0, bytes.length)
    if (memory === undefined) throw outside(address, bytes.length)
    memory.writeBytes((address >>> 0) - memory.base, bytes)
    this.probes.tell('hostWrite', address >>> 0, bytes.length)
  }

  /** WebAssembly modules that hot code was translated to so far. */
  get translatedModules(): number {
    return this.translator?.modules ?? 0
  }

  /** Injected faults that have happened so far, a sentence each. */
  get injectedFaults(): readonly string[] {
    return this.injected?.happened ?? []
  }

  /** Positions of the injected faults that have not happened so far. */
  get idleFaults(): readonly number[] {
    return this.injected?.idle ?? []
  }

  private refuseInjected(): void {
    if (this.injected === undefined) return
    throw new UserError('inject-snapshot', 'a machine with injected faults has no snapshots', 'leave out one of both')
  }

  /** Ends the run with this exit code, once the present instruction is done. */
  exit(code: number): void {
    this.exitCode ??= code
  }

  /** Runs instructions up to cycle `until`, or up to the first one that needs the platform, and that one. */
  private advance(until: number): void {
    const { hart, recorder, control } = this
    if (control !== undefined) {
      if (control.observer === undefined) interpret(hart, until, OPCODE_MASK | OPCODE_TRANSLATED)
      if (hart.cycles < until && !control.stopsAt(hart.pc)) stepInstruction(hart, control.observer)
      return
    }
    if (recorder !== undefined) {
      recorder.run(until)
      if (this.probes.log?.room === 0) this.probes.flush()
      return
    }
    if (this.translator === undefined) interpret(hart, until)
    else this.translator.run(until)
    if (hart.cycles < until) stepInstruction(hart)
  }

  /** How the run ends when the hart stands still and nothing can change that. */
  private stuck(): RunResult | undefined {
    const { events, hart } = this
    const standsStill = hart.waiting || hart.spinning || this.built.uart?.polledInVain
    if (!standsStill) return undefined
    if (events.next < Number.POSITIVE_INFINITY && !(hart.waiting && !this.canWake())) return undefined
    if (this.inputCanWake()) return this.result('input', EXIT_LIMIT, 'the guest waits for console input')
    return this.result('deadlock', EXIT_FAULT, waitsFor(hart, this.built, this.debugInfo?.describe(hart.pc)))
  }

  /** Whether the interrupts that the waiting hart has enabled can come at all. */
  private canWake(): boolean {
    return this.hart.csrs.get(csr.mie) !== 0
  }

  /** Whether input that may still come interrupts the standing hart. */
  private inputCanWake(): boolean {
    const { hart, input, built } = this
    const listens = this.canWake() && (hart.waiting || hart.interruptsEnabled)
    return listens && !input.ended && built.uart?.awaitsInput === true
  }

  /** Lets time pass to cycle `until`; a hart that jumps to itself retires its jump over and over. */
  private skipIdle(until: number, maxInstructions: number): void {
    const { hart } = this
    const { cycles: from, pc, instructions } = hart
    if (hart.waiting) hart.cycles = until
    else this.skipJumps(until, maxInstructions)
    this.probes.tell('standstill', { from, until: hart.cycles, pc, instructions: hart.instructions - instructions })
  }

  private skipJumps(until: number, maxInstructions: number): void {
    const { hart } = this
    const before = hart.cycles
    stepInstruction(hart)
    const each = hart.cycles - before
    const times = Math.ceil((until - hart.cycles) / each)
    const allowed = Math.max(0, Math.min(times, maxInstructions - hart.instructions))
    hart.cycles += allowed * each
    hart.instructions += allowed
  }

  private transmit(byte: number): void {
    this.probes.tell('transmit', byte, this.hart.cycles)
    this.output.write(byte)
  }

  private hearDevices(): void {
    const { hart, probes } = this
    this.bus.onDeviceAccess = (access) => probes.tell('device', { at: hart.cycles, pc: hart.pc, ...access })
  }

  private result(reason: EndReason, exitCode: number, explanation?: string): RunResult {
    const { markers } = this.built
    this.probes.flush()
    this.output.flush()
    const result = {
      reason,
      exitCode,
      explanation,
      instructions: this.hart.instructions,
      cycles: this.hart.cycles,
      console: this.output.text,
      regions: [...(markers?.regions ?? [])],
      checks: (markers?.checks ?? []).map((value) => `0x${value.toString(16).padStart(8, '0')}`),
    }
    if (reason === 'exit' || reason === 'trap' || reason === 'deadlock') this.probes.tell('ended', result)
    return result
  }
}

export type MachineState = ReturnType<Machine['save']>

function translatorFor(hart: Hart, engine: Engine): Translator | undefined {
  return engine === 'interpreter' ? undefined : new Translator(hart, engine === 'translator' ? eager : patient)
}

function outside(address: number, bytes: number): RangeError {
  return new RangeError(`${bytes} bytes at 0x${(address >>> 0).toString(16)} are not in one memory`)
}
