/**
 * Host-target interface of the RISC-V tests and tools: firmware stores a command to the 64-bit word at symbol `tohost`
 * and finds answers in `fromhost`. Bits 63:56 are the device, 55:48 the command, the rest its payload:
 *
 *   device 0            odd: ends the run with exit code payload >> 1; even: a system call of the proxy kernel, whose
 *                       number and arguments are 64-bit words at the payload: read, write (console only), exit
 *   device 1, command 0 asks for a character, which is answered when there is one
 *   device 1, command 1 writes the character in the low byte
 */
import { LINE_WATCHED, type Memory } from '../bus/memory.ts'
import type { ConsoleInput } from '../console-input.ts'
import { type EventPlace, type EventQueue, placeOf, type ScheduledEvent } from '../events.ts'
import type { Saveable } from '../snapshot/state.ts'

/** Bytes of a command word. */
export const HTIF_BYTES = 8
const CONSOLE_READ = 0x0100
const CONSOLE_WRITE = 0x0101
/** Set beside the character in the console's answers. */
const DONE = 0x100
/** Answer to a system call that was carried out. */
const SERVED = 1
/** A 32-bit program stores a command's halves one after the other: it counts this many cycles after the first. */
const SETTLE_CYCLES = 16

const SYSTEM_CALLS = { read: 63, write: 64, exit: 93 } as const
const BAD_FILE = -9
const BAD_ADDRESS = -14
const NOT_IMPLEMENTED = -38

export interface HtifHost {
  readonly input: ConsoleInput
  exit(code: number): void
  write(byte: number): void
  /** Told about every write to the guest's memory but the two words. */
  wrote?(address: number, bytes: number): void
}

/** Where the program has its words; `fromhost` is undefined when it has none. */
export interface HtifWords {
  readonly tohost: number
  readonly fromhost: number | undefined
}

/** Serves the commands of one program. */
export class Htif implements Saveable {
  private readonly memory: Memory
  private readonly events: EventQueue
  private readonly words: HtifWords
  private readonly host: HtifHost
  private settling: ScheduledEvent | undefined
  /** The guest waits for input: for a character, or in the system call at this address. */
  private pending: 'nothing' | 'character' | number = 'nothing'

  constructor(memory: Memory, events: EventQueue, words: HtifWords, host: HtifHost) {
    this.memory = memory
    this.events = events
    this.words = words
    this.host = host
    const { tohost } = words
    memory.flag(tohost, HTIF_BYTES, LINE_WATCHED)
    memory.onFlaggedWrite(LINE_WATCHED, (address, length) => {
      const touched = address < tohost + HTIF_BYTES && address + length > tohost
      const idle = this.word(tohost) === 0 && this.word(tohost + 4) === 0
      if (!touched || idle || this.settling !== undefined) return
      this.settling = events.schedule(events.now + SETTLE_CYCLES, () => this.command())
    })
    host.input.onArrival(() => this.serveInput())
  }

  save() {
    return { settling: placeOf(this.settling), pending: this.pending }
  }

  restore({ settling, pending }: ReturnType<Htif['save']>): void {
    this.settling = settling && this.events.resume(settling as EventPlace, () => this.command())
    this.pending = pending
  }

  private command(): void {
    this.settling = undefined
    const { tohost } = this.words
    const low = this.word(tohost)
    const high = this.word(tohost + 4)
    if (high === 0 && (low & 1) === 1) {
      this.host.exit(low >>> 1)
      return
    }
    this.memory.writeBytes(tohost - this.memory.base, new Uint8Array(HTIF_BYTES))
    if (high >>> 16 === CONSOLE_WRITE) {
      this.host.write(low & 0xff)
      this.answer(DONE | (low & 0xff), CONSOLE_WRITE << 16)
    } else if (high >>> 16 === CONSOLE_READ) this.await('character')
    else if (high === 0) this.systemCall(low)
  }

  private await(what: 'character' | number): void {
    this.pending = what
    this.host.input.look()
    this.serveInput()
  }

  /** Answers what waits for input, if it can be answered now. */
  private serveInput(): void {
    const { pending } = this
    const { input } = this.host
    if (pending === 'nothing' || (input.length === 0 && !(input.ended && pending !== 'character'))) return
    this.pending = 'nothing'
    if (pending === 'character') this.answer(DONE | input.take()!, CONSOLE_READ << 16)
    else this.finish(pending, this.readInput(pending))
  }

  private systemCall(block: number): void {
    const number = this.argument(block, 0)
    if (number === undefined) return
    const [file, address = 0, length = 0] = [1, 2, 3].map((index) => this.argument(block, index))
    if (number === SYSTEM_CALLS.exit) this.host.exit(file ?? 0)
    else if (number === SYSTEM_CALLS.write) this.finish(block, this.write(file, address, length))
    else if (number === SYSTEM_CALLS.read && file === 0) this.await(block)
    else this.finish(block, number === SYSTEM_CALLS.read ? BAD_FILE : NOT_IMPLEMENTED)
  }

  private write(file: number | undefined, address: number, length: number): number {
    if (file !== 1 && file !== 2) return BAD_FILE
    if (!this.memory.contains(address, length)) return BAD_ADDRESS
    const offset = address - this.memory.base
    for (const byte of this.memory.bytes.slice(offset, offset + length)) this.host.write(byte)
    return length
  }

  /** As much of the input as there is and fits. */
  private readInput(block: number): number {
    const address = this.argument(block, 2) ?? 0
    const length = this.argument(block, 3) ?? 0
    if (!this.memory.contains(address, length)) return BAD_ADDRESS
    const bytes: number[] = []
    while (bytes.length < length && this.host.input.length > 0) bytes.push(this.host.input.take()!)
    this.memory.writeBytes(address - this.memory.base, Uint8Array.from(bytes))
    this.host.wrote?.(address, bytes.length)
    return bytes.length
  }

  /** The result of a system call takes the place of its number. */
  private finish(block: number, result: number): void {
    this.memory.write(block - this.memory.base, 4, result)
    this.memory.write(block + 4 - this.memory.base, 4, result < 0 ? -1 : 0)
    this.answer(SERVED, 0)
  }

  private answer(low: number, high: number): void {
    const { fromhost } = this.words
    if (fromhost === undefined || !this.memory.contains(fromhost, HTIF_BYTES)) return
    this.memory.write(fromhost + 4 - this.memory.base, 4, high)
    this.memory.write(fromhost - this.memory.base, 4, low)
  }

  /** Low half of a 64-bit argument; undefined outside of memory. */
  private argument(block: number, index: number): number | undefined {
    const address = block + index * 8
    return this.memory.contains(address, 8) ? this.word(address) : undefined
  }

  private word(address: number): number {
    return this.memory.read(address - this.memory.base, 4) ?? 0
  }
}
