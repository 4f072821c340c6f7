/**
 * Memory accesses that go through the same value of the same register (a stack frame, a structure), or through that
 * value and a constant (a pointer that moves on), are checked together: all of them aligned and inside memory by one
 * comparison, before the first of them. Where it fails, the first of them may still be allowed: the interpreter knows.
 */
import type { Decoded } from '../decoder.ts'
import { registerUse } from './operands.ts'
import type { Instruction } from './region.ts'

export interface AccessGroup {
  /** Distance to the lowest byte that is checked, from what the register held at first. */
  readonly low: number
  /** Bytes from there to the end of the highest access. */
  readonly span: number
  /** Largest access in bytes: what `low` must be aligned to. */
  readonly alignment: 1 | 2 | 4
  /** First and last stored byte and the instruction (index in the block) that stores first; undefined without stores. */
  readonly stores: { readonly first: number; readonly last: number; readonly at: number } | undefined
}

/** One access, by its distance from what the register held at first. */
export interface GroupedAccess {
  readonly group: AccessGroup
  readonly offset: number
  /** How far the register has moved on when the access is made. */
  readonly moved: number
}

interface Access {
  readonly at: number
  readonly offset: number
  readonly moved: number
  readonly bytes: 1 | 2 | 4
  readonly store: boolean
}

/** Widest group of stores that is checked together: it lies in two lines of memory at most. */
const STORE_SPAN = 64

/** The group of each loading or storing instruction, by its index among instructions that run one after another. */
export function groupAccesses(instructions: readonly Instruction[]): Map<number, GroupedAccess> {
  const groups = new Map<number, GroupedAccess>()
  const open = new Map<number, Access[][]>()
  const moved = new Map<number, number>()
  const close = (register: number) => {
    for (const accesses of open.get(register) ?? []) {
      const group = groupOf(accesses)
      for (const { at, offset, moved } of accesses) groups.set(at, { group, offset, moved })
    }
    open.delete(register)
    moved.delete(register)
  }
  instructions.forEach(({ decoded }, at) => {
    const access = accessOf(decoded, at, moved.get(decoded.rs1) ?? 0)
    if (access !== undefined) {
      const candidates = open.get(decoded.rs1) ?? []
      const fitting = candidates.find((accesses) => fits(accesses, access))
      if (fitting === undefined) open.set(decoded.rs1, [...candidates, [access]])
      else fitting.push(access)
    }
    const { writes } = registerUse(decoded)
    if (movesOn(decoded)) moved.set(decoded.rd, (moved.get(decoded.rd) ?? 0) + decoded.imm)
    else if (writes !== 0) close(31 - Math.clz32(writes))
  })
  for (const register of [...open.keys()]) close(register)
  return groups
}

/** Whether the instruction adds a constant to a register. */
function movesOn({ row, rd, rs1 }: Decoded): boolean {
  return row.name === 'addi' && rd === rs1 && rd !== 0
}

function accessOf({ row, imm }: Decoded, at: number, moved: number): Access | undefined {
  const { effect } = row
  const offset = moved + imm
  if (effect.kind === 'load') return { at, offset, moved, bytes: effect.width.bytes, store: false }
  return effect.kind === 'store' ? { at, offset, moved, bytes: effect.bytes, store: true } : undefined
}

/** Whether the alignment of one follows from that of the other, and stores stay within two lines. */
function fits(accesses: readonly Access[], access: Access): boolean {
  const stores = [...accesses, access].filter(({ store }) => store)
  const first = Math.min(...stores.map(({ offset }) => offset))
  const end = Math.max(...stores.map(({ offset, bytes }) => offset + bytes))
  const aligned = accesses.every(({ offset, bytes }) => (offset - access.offset) % Math.min(bytes, access.bytes) === 0)
  return aligned && end - first <= STORE_SPAN
}

function groupOf(accesses: readonly Access[]): AccessGroup {
  const alignment = Math.max(...accesses.map(({ bytes }) => bytes)) as 1 | 2 | 4
  const anchor = accesses.find(({ bytes }) => bytes === alignment)!.offset
  const lowest = Math.min(...accesses.map(({ offset }) => offset))
  const low = anchor - Math.ceil((anchor - lowest) / alignment) * alignment
  const span = Math.max(...accesses.map(({ offset, bytes }) => offset + bytes)) - low
  const stores = accesses.filter(({ store }) => store)
  if (stores.length === 0) return { low, span, alignment, stores: undefined }
  const first = Math.min(...stores.map(({ offset }) => offset))
  const last = Math.max(...stores.map(({ offset, bytes }) => offset + bytes)) - 1
  return { low, span, alignment, stores: { first, last, at: stores[0]!.at } }
}
