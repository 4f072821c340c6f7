/** One run of the platform in which functions are called from outside, as a caller in C would. */
import { csr } from '../cpu/csr/rows.ts'
import type { ElfImage } from '../elf/image.ts'
import { SymbolTable } from '../elf/symbols.ts'
import { Machine, type MachineOptions, type MachineState } from '../machine.ts'
import type { RunResult } from '../run-result.ts'
import type { Finding } from '../sanitize/finding.ts'
import type { Sanitizer } from '../sanitize/sanitizer.ts'
import { findBlock, type SocDescription } from '../soc/description.ts'
import type { AcceleratorView } from '../soc/registers.ts'
import type { Argument } from './arguments.ts'
import { Buffers, describeStrayWrite, type StrayWrite } from './buffers.ts'
import { placeArguments } from './calling-convention.ts'
import { type Counters, readCounters } from './counters.ts'
import { type ElementType, type Tensor, withBytes } from './tensor.ts'
import { WriteWatch } from './write-watch.ts'

/** What came of a call. */
export interface CallResult {
  /** The function's name. */
  readonly function: string
  /** What it returned, as an `int32_t`; `>>> 0` makes it a `uint32_t`. */
  readonly value: number
  /** What it returned, as an `int64_t`. */
  readonly value64: bigint
  /** What it returned, as a `float`. */
  readonly float32: number
  /** Cycles of the SoC clock, from its first instruction to its return. */
  readonly cycles: number
  readonly instructions: number
  /** Deepest use of the stack, arguments not included. */
  readonly stackBytes: number
  /** Counters of the accelerator since the firmware has started or cleared them. */
  readonly counters: Counters
  /** What the sanitizer found, if the firmware was loaded with `sanitize: true`. */
  readonly findings: readonly Finding[] | undefined
  /** What the function wrote to its console. */
  readonly console: string
  /** What a tensor argument holds afterwards. @throws RangeError when it was none of the arguments */
  after<D extends ElementType>(tensor: Tensor<D>): Tensor<D>
}

/** A call that did not return, or wrote what it may not. */
export class CallError extends Error {
  override readonly name = 'CallError'
  /** Writes outside of the buffers. */
  readonly strayWrites: readonly StrayWrite[]

  constructor(message: string, strayWrites: readonly StrayWrite[] = []) {
    super(message)
    this.strayWrites = strayWrites
  }
}

export interface SessionOptions {
  readonly image: ElfImage
  readonly soc: SocDescription
  readonly machineOptions: MachineOptions
  readonly view: AcceleratorView | undefined
  readonly maxInstructions: number
  /** Makes a sanitizer for each session. */
  readonly sanitizer?: (() => Sanitizer) | undefined
}

interface Measured {
  readonly cycles: number
  readonly instructions: number
  readonly console: string
}

const register = { ra: 1, sp: 2, gp: 3, t0: 5, a0: 10, a1: 11 } as const
/** csrrw t0, mie, zero; wfi; j .: the hart falls asleep for good, which ends the run. */
const TRAMPOLINE = [0x304012f3, 0x10500073, 0x0000006f]
const TRAMPOLINE_BYTES = 64
const STACK_BYTES = 64 << 10
const STACK_PAINT = 0xa5
const BOOT_INSTRUCTIONS = 100_000_000

export class Session {
  private readonly options: SessionOptions
  private readonly machine: Machine
  private readonly sanitizer: Sanitizer | undefined
  private readonly diagnostics: string[] = []
  private readonly stack: { readonly bottom: number; readonly top: number }
  private readonly trampoline: number
  private readonly started: MachineState
  /** Whether nothing was called since. */
  private untouched = true
  /** What calling and returning take without a function. */
  private readonly overhead: Measured

  constructor(options: SessionOptions) {
    this.options = options
    const { image, soc, machineOptions } = options
    this.sanitizer = options.sanitizer?.()
    const probes = [...(machineOptions.probes ?? []), ...(this.sanitizer ? [this.sanitizer] : [])]
    const diagnostic = (message: string) => this.diagnostics.push(message)
    this.machine = new Machine(soc, { ...machineOptions, diagnostic, probes })
    this.machine.load(image)
    this.boot()
    this.stack = this.findStack()
    this.trampoline = this.stack.bottom - TRAMPOLINE_BYTES
    this.placeTrampoline()
    this.started = this.machine.save()
    this.overhead = this.run('nothing', this.trampoline)
    this.rewind()
  }

  /** Goes back to where the firmware had just started. */
  rewind(): void {
    this.machine.restore(this.started)
    this.diagnostics.length = 0
    this.untouched = true
  }

  /**
   * Calls a function; what earlier calls have left is still there.
   *
   * @throws CallError when it does not return, or writes outside its arguments
   */
  call(name: string, ...args: readonly Argument[]): CallResult {
    const known = this.sanitizer?.findings.length
    const before = this.untouched ? this.started : this.machine.save()
    this.untouched = false
    const { buffers, sp } = this.prepare(args)
    const measured = this.run(name, this.functionAt(name))
    const after = this.machine.readMemory(buffers.base, buffers.before.length)
    const strayWrites = buffers.strayWrites(after)
    if (strayWrites.length > 0) throw this.blame(name, args, before, strayWrites)
    return {
      function: name,
      ...this.returned(),
      cycles: measured.cycles - this.overhead.cycles,
      instructions: measured.instructions - this.overhead.instructions,
      stackBytes: this.stackBelow(sp),
      findings: this.sanitizer?.findings.slice(known),
      counters: readCounters(this.machine, this.options.view),
      console: measured.console,
      after: (tensor) => {
        const at = buffers.addressOf(tensor)
        if (at === undefined) throw new RangeError(`this tensor is no argument of the call of ${name}`)
        return withBytes(tensor, after.subarray(at - buffers.base, at - buffers.base + tensor.data.byteLength))
      },
    }
  }

  /** Runs the start-up code up to main; firmware without a main gets a stack and a global pointer, no more. */
  private boot(): void {
    const { machine, symbols } = this
    const main = symbols.get('main')
    if (main === undefined) {
      machine.hart.x[register.sp] = symbols.get('__stack_top')?.address ?? this.ramEnd
      machine.hart.x[register.gp] = symbols.get('__global_pointer$')?.address ?? 0
      return
    }
    machine.hart.code.stopBefore(main.address, true)
    machine.control = { stopsAt: (pc) => pc === main.address, observer: undefined }
    const result = machine.run({ maxInstructions: BOOT_INSTRUCTIONS })
    machine.control = undefined
    machine.hart.code.stopBefore(main.address, false)
    if (result.reason !== 'stopped') throw new CallError(`the firmware does not get to main: ${this.why(result)}`)
  }

  /** As a program of its own, so that whoever follows the run knows it for code. */
  private placeTrampoline(): void {
    const bytes = new Uint8Array(Uint32Array.from(TRAMPOLINE).buffer)
    const segment = { address: this.trampoline, bytes, memorySize: bytes.length, executable: true, writable: false }
    const symbols = new SymbolTable([])
    this.machine.place({
      name: 'return',
      entry: this.trampoline,
      segments: [segment],
      symbols,
      flags: 0,
      arch: undefined,
    })
  }

  private get symbols() {
    return this.options.image.symbols
  }

  private get ramEnd(): number {
    const ram = findBlock(this.options.soc, 'ram')
    return ram === undefined ? 0 : ram.base + ram.size
  }

  /** From where the stack pointer is now down to what the linker script keeps free for it. */
  private findStack() {
    const top = this.machine.hart.x[register.sp]! >>> 0
    const reserved = this.symbols.get('__stack_bottom')?.address
    return { bottom: reserved !== undefined && reserved < top ? reserved : top - STACK_BYTES, top }
  }

  /** Puts the arguments where the function expects them. */
  private prepare(args: readonly Argument[]) {
    const { machine, stack } = this
    const room = { begin: this.symbols.get('_end')?.address ?? 0, end: this.trampoline }
    const buffers = new Buffers(args, room, (symbol) => this.symbolAt(symbol))
    const placed = placeArguments(buffers.values)
    const sp = (stack.top - placed.stack.length * 4) & -16
    machine.writeMemory(stack.bottom, new Uint8Array(stack.top - stack.bottom).fill(STACK_PAINT))
    machine.writeMemory(sp >>> 0, new Uint8Array(Uint32Array.from(placed.stack).buffer))
    machine.writeMemory(buffers.base, buffers.before)
    const { x } = machine.hart
    x[register.sp] = sp
    for (const [i, value] of placed.registers.entries()) x[register.a0 + i] = value
    return { buffers, sp: sp >>> 0 }
  }

  /** Goes to an address and runs until it returns. */
  private run(name: string, address: number): Measured {
    const { machine, trampoline } = this
    const { hart } = machine
    const { cycles, instructions } = hart
    const limit = this.options.maxInstructions
    const printed = machine.run({ maxCycles: cycles }).console.length
    hart.x[register.ra] = trampoline
    hart.pc = address
    const result = machine.run({ maxInstructions: instructions + limit })
    const back = result.reason === 'deadlock' && hart.pc >= trampoline && hart.pc < trampoline + TRAMPOLINE_BYTES
    if (!back) throw new CallError(`${name} does not return: ${this.why(result)}`)
    hart.waiting = false
    hart.csrs.set(csr.mie, hart.x[register.t0]!)
    const text = result.console.slice(printed)
    return { cycles: hart.cycles - cycles, instructions: hart.instructions - instructions, console: text }
  }

  private returned() {
    const { x } = this.machine.hart
    const [low, high] = [x[register.a0]!, x[register.a1]!]
    const value64 = (BigInt(high) << 32n) | BigInt(low >>> 0)
    return { value: low, value64, float32: new Float32Array(Int32Array.of(low).buffer)[0]! }
  }

  private stackBelow(sp: number): number {
    const { bottom } = this.stack
    const stack = this.machine.readMemory(bottom, sp - bottom)
    let unused = 0
    while (stack[unused] === STACK_PAINT) unused++
    return stack.length - unused
  }

  private functionAt(name: string): number {
    const found = this.symbols.get(name)
    if (found?.kind === 'object') throw new CallError(`${name} is no function`)
    return this.symbolAt(name)
  }

  private symbolAt(name: string): number {
    const found = this.symbols.get(name)
    if (found !== undefined) return found.address
    const hint = 'a static function is not visible, and the linker may have dropped it'
    throw new CallError(`the firmware has nothing called ${name}; ${hint}`)
  }

  /** Repeats the call on a machine that follows every write, to say where each stray one comes from. */
  private blame(name: string, args: readonly Argument[], before: MachineState, writes: readonly StrayWrite[]) {
    const watch = new WriteWatch(writes)
    const { machineOptions } = this.options
    const again = new Session({
      ...this.options,
      sanitizer: undefined,
      machineOptions: { ...machineOptions, probes: [watch.probe] },
    })
    again.machine.restore(before)
    again.prepare(args)
    watch.begin()
    again.run(name, this.functionAt(name))
    const lines = writes.map((write) => `- ${describeStrayWrite(write)}${watch.writerOf(write, this.symbols)}`)
    return new CallError(`${name} writes where it may not:\n${lines.join('\n')}`, writes)
  }

  private why({ reason, exitCode, explanation, console: text }: RunResult): string {
    const end = reason === 'exit' ? `it ends the run with exit code ${exitCode}` : (explanation ?? reason)
    return [end, text.trim().split('\n').at(-1)!, ...this.diagnostics].filter((part) => part !== '').join('; ')
  }
}
