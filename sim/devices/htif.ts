/**
 * Host-target interface of the RISC-V tests and tools: firmware stores to the 64-bit word at symbol `tohost`. An odd
 * value ends the run with exit code value >> 1; device 1, command 1 (upper word 0x01010000) writes the character in
 * the low byte to the console. Left out: system calls of the proxy kernel and console input.
 */
import { LINE_WATCHED, type Memory } from '../bus/memory.ts'
import type { EventPlace } from '../events.ts'
import { type EventQueue, placeOf, type ScheduledEvent } from '../events.ts'
import type { Saveable } from '../snapshot/state.ts'

/** Bytes of a command word. */
export const HTIF_BYTES = 8
const CONSOLE_WRITE = 0x0101
/** A 32-bit program stores a command's halves one after the other: it counts this many cycles after the first. */
const SETTLE_CYCLES = 16

export interface HtifHost {
  exit(code: number): void
  write(byte: number): void
}

/**
 * Watches the word at `tohost` for commands and answers them in `fromhost`.
 *
 * @param fromhost address of the answer word, or undefined when the program has none
 */
export function attachHtif(
  memory: Memory,
  events: EventQueue,
  tohost: number,
  fromhost: number | undefined,
  host: HtifHost,
): Saveable {
  const word = (address: number) => memory.read(address - memory.base, 4) ?? 0
  let settling: ScheduledEvent | undefined
  const command = () => {
    settling = undefined
    const low = word(tohost)
    const high = word(tohost + 4)
    if (high >>> 16 === CONSOLE_WRITE) {
      host.write(low & 0xff)
      memory.writeBytes(tohost - memory.base, new Uint8Array(HTIF_BYTES))
      if (fromhost !== undefined) memory.write(fromhost - memory.base, 4, 1)
    } else if (high === 0 && (low & 1) === 1) {
      host.exit(low >>> 1)
    }
  }
  memory.flag(tohost, HTIF_BYTES, LINE_WATCHED)
  memory.onFlaggedWrite(LINE_WATCHED, (address, length) => {
    const touched = address < tohost + HTIF_BYTES && address + length > tohost
    const idle = word(tohost) === 0 && word(tohost + 4) === 0
    if (!touched || idle || settling !== undefined) return
    settling = events.schedule(events.now + SETTLE_CYCLES, command)
  })
  return {
    save: () => placeOf(settling),
    restore: (place: EventPlace | undefined) => {
      settling = place && events.resume(place, command)
    },
  }
}
