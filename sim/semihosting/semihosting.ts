/**
 * RISC-V semihosting (RISC-V Semihosting 1.0, on the operations of Arm's specification): firmware asks its host for a
 * console, an exit and files by an `ebreak` between two instructions that do nothing; a0 is the operation, a1 its
 * parameter, a0 the result. All time is virtual. Left out: SYS_SYSTEM and SYS_TMPNAM, which fail.
 */
import type { Bus } from '../bus/bus.ts'
import type { Hart } from '../cpu/hart.ts'
import { Handles, type Terminal } from './handles.ts'
import { errno, HostFileError, type HostFiles, noFiles } from './host.ts'

const SLLI_X0_X0_31 = 0x01f0_1013
const EBREAK = 0x0010_0073
const SRAI_X0_X0_7 = 0x4070_5013
const A0 = 10
const A1 = 11
const FAILED = -1
/** Reason of an exit that is no failure. */
const APPLICATION_EXIT = 0x2_0026
const LONGEST_TEXT = 1 << 16

const CODES = {
  open: 0x01,
  close: 0x02,
  writeCharacter: 0x03,
  writeText: 0x04,
  write: 0x05,
  read: 0x06,
  readCharacter: 0x07,
  isError: 0x08,
  isTerminal: 0x09,
  seek: 0x0a,
  length: 0x0c,
  temporaryName: 0x0d,
  remove: 0x0e,
  rename: 0x0f,
  clock: 0x10,
  time: 0x11,
  system: 0x12,
  errno: 0x13,
  commandLine: 0x15,
  heapInfo: 0x16,
  exit: 0x18,
  exitExtended: 0x20,
  elapsed: 0x30,
  tickFrequency: 0x31,
} as const
type Operation = keyof typeof CODES
const operations = new Map<number, Operation>(Object.entries(CODES).map(([name, code]) => [code, name as Operation]))

/** Result for a0; undefined when the guest has to wait for input and asks again. */
type Result = number | undefined

export interface SemihostingOptions {
  readonly bus: Bus
  readonly terminal: Terminal
  readonly exit: (code: number) => void
  /** Virtual time in cycles, and how many of them are a second. */
  readonly now: () => number
  readonly clockHz: number
  /** Memory for heap and stack: from the end of the program to the end of RAM. */
  readonly heap: () => { readonly base: number; readonly limit: number }
  readonly commandLine: string
  readonly files?: HostFiles | undefined
  /** Told about every write to the guest's memory. */
  readonly wrote?: (address: number, bytes: number) => void
}

/** The host's side. */
export class Semihosting {
  private readonly options: SemihostingOptions
  private readonly files: HostFiles
  private readonly handles: Handles
  private lastError = 0
  private readonly actions: Readonly<Record<Operation, (parameter: number) => Result>>

  constructor(options: SemihostingOptions) {
    this.options = options
    this.files = options.files ?? noFiles
    this.handles = new Handles(this.files, options.terminal)
    this.actions = { ...this.consoleActions(), ...this.fileActions(), ...this.systemActions() }
  }

  /**
   * Carries out the call at pc, if there is one. A call that has to wait counts when it is carried out.
   *
   * @returns undefined when the instruction at pc is no call
   */
  serve(hart: Hart): 'done' | 'wait' | undefined {
    if (!this.isCall(hart.pc)) return undefined
    const result = this.call(hart.x[A0]!, hart.x[A1]! >>> 0)
    if (result === undefined) {
      hart.instructions--
      hart.cycles -= hart.code.fixedCycles(hart.pc)
      return 'wait'
    }
    hart.x[A0] = result
    return 'done'
  }

  save() {
    return { handles: this.handles.save(), lastError: this.lastError }
  }

  restore({ handles, lastError }: ReturnType<Semihosting['save']>): void {
    this.handles.restore(handles)
    this.lastError = lastError
  }

  /** The three instructions, all of them uncompressed. */
  private isCall(pc: number): boolean {
    if (this.wordAt(pc) !== EBREAK) return false
    return this.wordAt(pc - 4) === SLLI_X0_X0_31 && this.wordAt(pc + 4) === SRAI_X0_X0_7
  }

  private wordAt(address: number): number | undefined {
    const memory = this.options.bus.memoryAt(address, 4)
    return memory?.read(address - memory.base, 4)
  }

  private call(code: number, parameter: number): Result {
    const operation = operations.get(code)
    try {
      if (operation === undefined) throw new HostFileError(errno.notImplemented)
      return this.actions[operation](parameter)
    } catch (error) {
      if (!(error instanceof HostFileError)) throw error
      this.lastError = error.errno
      return FAILED
    }
  }

  private consoleActions() {
    const { input, write } = this.options.terminal
    return {
      writeCharacter: (parameter: number) => {
        write(this.bytes(parameter, 1)[0]!)
        return 0
      },
      writeText: (parameter: number) => {
        for (const byte of this.textBytes(parameter)) write(byte)
        return 0
      },
      readCharacter: () => (input.blocks() ? undefined : (input.take() ?? FAILED)),
    }
  }

  private fileActions() {
    const { handles } = this
    return {
      open: (block: number) =>
        handles.open(this.text(this.argument(block, 0), this.argument(block, 2)), this.argument(block, 1)),
      close: (block: number) => {
        handles.close(this.argument(block, 0))
        return 0
      },
      write: (block: number) => {
        handles.write(this.argument(block, 0), this.bytes(this.argument(block, 1), this.argument(block, 2)))
        return 0
      },
      read: (block: number) => this.read(this.argument(block, 0), this.argument(block, 1), this.argument(block, 2)),
      isError: (block: number) => ((this.argument(block, 0) | 0) < 0 ? 1 : 0),
      isTerminal: (block: number) => (handles.isTerminal(this.argument(block, 0)) ? 1 : 0),
      seek: (block: number) => {
        handles.seek(this.argument(block, 0), this.argument(block, 1))
        return 0
      },
      length: (block: number) => handles.length(this.argument(block, 0)),
      remove: (block: number) => {
        this.files.remove(this.text(this.argument(block, 0), this.argument(block, 1)))
        return 0
      },
      rename: (block: number) => {
        const from = this.text(this.argument(block, 0), this.argument(block, 1))
        this.files.rename(from, this.text(this.argument(block, 2), this.argument(block, 3)))
        return 0
      },
      temporaryName: () => FAILED,
    }
  }

  private systemActions() {
    const { now, clockHz, exit } = this.options
    return {
      clock: () => Math.floor((now() * 100) / clockHz) | 0,
      time: () => Math.floor(now() / clockHz) | 0,
      system: () => FAILED,
      errno: () => this.lastError,
      commandLine: (block: number) => this.commandLine(block),
      heapInfo: (parameter: number) => {
        const { base, limit } = this.options.heap()
        this.store(this.argument(parameter, 0), words(base, limit, limit, base))
        return 0
      },
      exit: (reason: number) => {
        exit(reason === APPLICATION_EXIT ? 0 : 1)
        return 0
      },
      exitExtended: (block: number) => {
        exit(this.argument(block, 0) === APPLICATION_EXIT ? this.argument(block, 1) : 1)
        return 0
      },
      elapsed: (block: number) => {
        this.store(block, words(now() % 2 ** 32, Math.floor(now() / 2 ** 32)))
        return 0
      },
      tickFrequency: () => clockHz | 0,
    }
  }

  /** SYS_READ answers how many bytes were not read. */
  private read(id: number, address: number, length: number): Result {
    const into = new Uint8Array(this.bytes(address, length).length)
    const count = this.handles.read(id, into)
    if (count === undefined) return undefined
    if (count > 0) this.store(address, into.subarray(0, count))
    return length - count
  }

  private commandLine(block: number): number {
    const text = new TextEncoder().encode(`${this.options.commandLine}\0`)
    if (text.length > this.argument(block, 1)) return FAILED
    this.store(this.argument(block, 0), text)
    this.store(block + 4, words(text.length - 1))
    return 0
  }

  private argument(block: number, index: number): number {
    const word = this.wordAt((block + 4 * index) >>> 0)
    if (word === undefined) throw new HostFileError(errno.fault)
    return word
  }

  /** The guest's memory itself, not a copy. */
  private bytes(address: number, length: number): Uint8Array {
    const memory = this.options.bus.memoryAt(address, length)
    if (memory === undefined) throw new HostFileError(errno.fault)
    return memory.bytes.subarray(address - memory.base, address - memory.base + length)
  }

  private text(address: number, length: number): string {
    return new TextDecoder().decode(this.bytes(address, length))
  }

  /** Up to the zero that ends it. */
  private textBytes(address: number): Uint8Array {
    const memory = this.options.bus.memoryAt(address, 1)
    if (memory === undefined) throw new HostFileError(errno.fault)
    const offset = address - memory.base
    const rest = memory.bytes.subarray(offset, offset + LONGEST_TEXT)
    const end = rest.indexOf(0)
    return end < 0 ? rest : rest.subarray(0, end)
  }

  private store(address: number, from: Uint8Array): void {
    const memory = this.options.bus.memoryAt(address, from.length)
    if (memory === undefined || memory.readOnly) throw new HostFileError(errno.fault)
    memory.writeBytes(address - memory.base, from)
    this.options.wrote?.(address, from.length)
  }
}

/** Little-endian. */
function words(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value, value >>> 8, value >>> 16, value >>> 24]))
}
