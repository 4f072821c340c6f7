/**
 * How the writer of a trace finds the instructions that came as predicted. It trusts the hart: where an instruction is known,
 * and registers and memory are as the predictor has them, it need not compute again what the hart has computed. What is left
 * to compare is where code, loaded values and cycles come from elsewhere. Accesses in the log must be those of the code.
 */
import type { InstructionLog } from '../../probe/instruction-log.ts'
import {
  ATOMIC,
  BYTES_SHIFT,
  DURATION,
  FIRST_BRANCH,
  FIRST_JUMP,
  FIRST_LOAD,
  FIRST_PLAIN,
  FIRST_STORE,
  IMMEDIATE,
  RAW,
  RD_SHIFT,
  RS1_SHIFT,
  RS2_SHIFT,
} from './code-table.ts'
import type { Predictor } from './predictor.ts'
import { FRAME_MASK, FRAME_SHIFT, type ShadowMemory } from './shadow-memory.ts'

const JAL = FIRST_JUMP
const JALR = FIRST_JUMP + 1
const LB = FIRST_LOAD
const LW = FIRST_LOAD + 2
const LBU = FIRST_LOAD + 3
const LHU = FIRST_LOAD + 4
const SW = FIRST_STORE + 2

/**
 * Goes through the entries of a log from `e` up to `until` as far as they came as predicted.
 *
 * @param predictor has the registers of the hart
 * @returns the first entry that did not
 */
export function confirm(predictor: Predictor, log: InstructionLog, e: number, until: number): number {
  const { x, code, memory, privilege: rights } = predictor
  const { places } = code
  const { pc: pcs, raw, began, privilege, access, address, stored, result: results } = log
  const { frames } = memory
  let { words } = memory
  let pc = predictor.next | 0
  let entry = e
  let start = began[e]!
  for (; entry < until; entry++) {
    // Looked up by the log's address, which the processor need not wait for.
    const here = pcs[entry]! | 0
    const place = code.find(here)
    if (here !== pc || place === 0 || (raw[entry]! | 0) !== places[place + RAW] || privilege[entry] !== rights) break
    const packed = places[place]!
    const operation = packed & 0xff
    const end = began[entry + 1]!
    const rd = (packed >> RD_SHIFT) & 31
    let duration = place + DURATION
    let next = (pc + (packed >> BYTES_SHIFT)) | 0
    if (operation >= FIRST_PLAIN) {
      // Of control registers and the like nothing is known; atomics are few.
      if (operation >= ATOMIC && (operation === ATOMIC || access[entry] !== 0 || results[entry] !== 0)) break
    } else if (operation >= FIRST_STORE) {
      if (end - start !== places[duration]) break
      const at = address[entry]! | 0
      const frame = frames[at >>> FRAME_SHIFT]!
      if (operation !== SW || (at & 3) !== 0 || frame === 0) {
        memory.store(at, 1 << (operation - FIRST_STORE), stored[entry]!)
        words = memory.words
      } else words[frame | ((at >>> 2) & FRAME_MASK)] = stored[entry]!
    } else if (operation >= FIRST_LOAD) {
      const at = address[entry]! | 0
      const word = words[frames[at >>> FRAME_SHIFT]! | ((at >>> 2) & FRAME_MASK)]!
      if (rd !== 0 && loaded(memory, word, operation, at) !== results[entry]) break
    } else if (operation >= FIRST_BRANCH) {
      if (branches(operation, x[(packed >> RS1_SHIFT) & 31]!, x[(packed >> RS2_SHIFT) & 31]!)) {
        next = (pc + places[place + IMMEDIATE]!) | 0
        duration++
      }
    } else if (operation === JAL) next = (pc + places[place + IMMEDIATE]!) | 0
    else if (operation === JALR) next = (x[(packed >> RS1_SHIFT) & 31]! + places[place + IMMEDIATE]!) & ~1
    if (end - start !== places[duration]) break
    // The result of an instruction without a destination is that of x0.
    x[rd] = results[entry]!
    start = end
    pc = next
  }
  predictor.next = pc
  return entry
}

/** What a load sets its register to by the bytes that are known, the word with the first of which is `word`. */
function loaded(memory: ShadowMemory, word: number, operation: number, at: number): number {
  if (operation === LW) return (at & 3) === 0 ? word : memory.load(at, 4)
  if (operation === LBU) return (word >>> ((at & 3) * 8)) & 0xff
  if (operation === LB) return (word << (24 - (at & 3) * 8)) >> 24
  const half = (at & 1) === 0 ? (word >>> ((at & 2) * 8)) & 0xffff : memory.load(at, 2)
  return operation === LHU ? half : (half << 16) >> 16
}

function branches(operation: number, a: number, b: number): boolean {
  switch (operation - FIRST_BRANCH) {
    case 0:
      return a === b
    case 1:
      return a !== b
    case 2:
      return a < b
    case 3:
      return a >= b
    case 4:
      return a >>> 0 < b >>> 0
    default:
      return a >>> 0 >= b >>> 0
  }
}
