import { cause } from '../../sim/cpu/trap.ts'
import { hex } from '../../sim/hex.ts'
import { permitsTrap, type TrapEntry } from './differences.ts'
import { comparedControls, type Program, unitAt } from './harness.ts'
import {
  CODE_BYTES,
  CONTEXT,
  CONTROLS,
  DATA,
  DATA_BYTES,
  ENTRIES,
  LOG,
  LOG_ENTRY,
  MOST_TRAPS,
  RAM,
  REGISTERS,
  RESULTS,
  SLOT_BYTES,
  TRAPS,
} from './layout.ts'

/** Reads words of a slot of a batch. */
type Words = (offset: number) => number

/** The first difference of a program's final state, as a sentence; undefined when there is none. */
export function findDifference(
  program: Program,
  slot: number,
  memories: { readonly ours: Uint8Array; readonly theirs: Uint8Array },
): string | undefined {
  const ours = wordsOf(memories.ours, slot)
  const theirs = wordsOf(memories.theirs, slot)
  for (let entry = 0; entry < MOST_TRAPS; entry++) {
    const difference = trapDifference(program, slot, entryOf(ours, slot, entry), entryOf(theirs, slot, entry))
    if (difference !== undefined) return `trap ${entry}: ${difference}`
  }
  for (const [name, offset] of stateWords) {
    const [here, there] = [ours(offset), theirs(offset)]
    if (here !== there) return `${name} is ${hex(here)} here and ${hex(there)} in QEMU`
  }
  return undefined
}

function wordsOf(memory: Uint8Array, slot: number): Words {
  const view = new DataView(memory.buffer, memory.byteOffset + slot * SLOT_BYTES, SLOT_BYTES)
  return (offset) => view.getUint32(offset, true)
}

function entryOf(word: Words, slot: number, entry: number): TrapEntry {
  const at = RESULTS + LOG + entry * LOG_ENTRY
  const mepc = word(at + 4)
  const offset = mepc - RAM - slot * SLOT_BYTES
  const instruction = offset >= 0 && offset < CODE_BYTES ? word(offset) : 0
  return { mcause: word(at), mepc, mtval: word(at + 8), mstatus: word(at + 12), instruction }
}

function trapDifference(program: Program, slot: number, ours: TrapEntry, theirs: TrapEntry): string | undefined {
  for (const field of ['mcause', 'mepc', 'mtval', 'mstatus'] as const) {
    const [here, there] = [ours[field], theirs[field]]
    if (here === there || permitsTrap(field, ours, theirs)) continue
    if (field === 'mepc' && isPreemption(program, slot, ours) && isPreemption(program, slot, theirs)) continue
    const what = `${describeCause(ours.mcause)} at ${hex(ours.mepc)}`
    return `${field} is ${hex(here)} here and ${hex(there)} in QEMU (${what})`
  }
  return undefined
}

/** An interrupt that came where it may come at any instruction. */
function isPreemption(program: Program, slot: number, { mcause, mepc }: TrapEntry): boolean {
  return mcause >>> 31 === 1 && unitAt(program, slot, mepc)?.interruptible === true
}

function describeCause(mcause: number): string {
  const name = Object.entries(cause).find(([, code]) => code === mcause)?.[0]
  return name ?? hex(mcause)
}

/** What else is compared, in the order in which it tells most. */
const stateWords: readonly (readonly [name: string, offset: number])[] = [
  ['number of traps', RESULTS + TRAPS],
  ['checksum of vector entries', RESULTS + ENTRIES],
  ...Array.from({ length: CONTEXT - 1 }, (_, n) => [`x${n + 1}`, RESULTS + REGISTERS + (n + 1) * 4] as const),
  ...comparedControls.map((name, index) => [name, RESULTS + CONTROLS + index * 4] as const),
  ...Array.from({ length: DATA_BYTES / 4 }, (_, n) => [`data at ${hex(DATA + n * 4)}`, DATA + n * 4] as const),
  ...Array.from({ length: CODE_BYTES / 4 }, (_, n) => [`code at ${hex(n * 4)}`, n * 4] as const),
]
