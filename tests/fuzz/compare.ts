import { cause } from '../../sim/cpu/trap.ts'
import { hex } from '../../sim/hex.ts'
import {
  CONTROLS,
  comparedControls,
  DATA,
  DATA_BYTES,
  HANDLER,
  LOG,
  LOG_ENTRY,
  MOST_TRAPS,
  RAM,
  REGISTERS,
  RESULTS,
  SLOT_BYTES,
  TRAPS,
} from './harness.ts'

/** Final state of the program in a slot as named words, in the order in which they tell most. */
function* words(memory: Uint8Array, slot: number): Generator<readonly [name: string, value: number]> {
  const view = new DataView(memory.buffer, memory.byteOffset + slot * SLOT_BYTES, SLOT_BYTES)
  const word = (offset: number) => view.getUint32(offset, true)
  for (let entry = 0; entry < MOST_TRAPS; entry++) {
    const at = RESULTS + LOG + entry * LOG_ENTRY
    const pc = word(at + 4)
    const code = asAtomic(word(at), pc - RAM - slot * SLOT_BYTES, word)
    yield [`trap ${entry}: mcause`, code]
    yield [`trap ${entry} (cause ${code}): mepc`, pc]
    // 3.1.16: ebreak may leave 0 or its address in mtval.
    yield [`trap ${entry} (cause ${code}): mtval`, code === cause.breakpoint ? 0 : word(at + 8)]
    yield [`trap ${entry} (cause ${code}): mstatus`, word(at + 12)]
  }
  yield ['number of traps', word(RESULTS + TRAPS)]
  for (let register = 1; register < 31; register++) yield [`x${register}`, word(RESULTS + REGISTERS + register * 4)]
  for (const [index, name] of comparedControls.entries()) yield [name, word(RESULTS + CONTROLS + index * 4)]
  for (let offset = 0; offset < DATA_BYTES; offset += 4) yield [`data at ${hex(DATA + offset)}`, word(DATA + offset)]
  for (let offset = 0; offset < HANDLER; offset += 4) yield [`code at ${hex(offset)}`, word(offset)]
}

/**
 * Table 14: an amo that is misaligned or denied has the cause of a store; QEMU gives it that of a load.
 *
 * @param offset of the instruction in its slot
 */
function asAtomic(code: number, offset: number, word: (offset: number) => number): number {
  const misalignedOrFault = code === cause.loadMisaligned || code === cause.loadFault
  if (!misalignedOrFault || !(offset >= 0 && offset < HANDLER - 4)) return code
  const instruction = word(offset)
  const isAmo = (instruction & 0x7f) === 0x2f && ((instruction >>> 27) & 0x1e) !== 2
  return isAmo ? code + 2 : code
}

/** The first difference of a program's final state, as a sentence; undefined when there is none. */
export function findDifference(ours: Uint8Array, theirs: Uint8Array, slot: number): string | undefined {
  const other = words(theirs, slot)
  for (const [name, value] of words(ours, slot)) {
    const wanted = other.next().value![1]
    if (wanted !== value) return `${name} is ${hex(value)} here and ${hex(wanted)} in QEMU`
  }
  return undefined
}
