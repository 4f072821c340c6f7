/**
 * Memory accesses of a block that go through the same value of the same register (a stack frame, a structure) are
 * checked together: all of them aligned and inside memory by one comparison, before the first of them.
 */
import type { Decoded } from '../decoder.ts'
import { registerUse } from './operands.ts'
import type { Instruction } from './region.ts'

export interface AccessGroup {
  /** Distance from the register to the lowest byte that is checked. */
  readonly low: number
  /** Bytes from there to the end of the highest access. */
  readonly span: number
  /** Largest access in bytes: what `low` must be aligned to. */
  readonly alignment: 1 | 2 | 4
  /** First and last stored byte and the instruction (index in the block) that stores first; undefined without stores. */
  readonly stores: { readonly first: number; readonly last: number; readonly at: number } | undefined
}

interface Access {
  readonly at: number
  readonly offset: number
  readonly bytes: 1 | 2 | 4
  readonly store: boolean
}

/** Widest group of stores that is checked together: it lies in two lines of memory at most. */
const STORE_SPAN = 64

/** The group of each loading or storing instruction, by its index in the block. */
export function groupAccesses(instructions: readonly Instruction[]): Map<number, AccessGroup> {
  const groups = new Map<number, AccessGroup>()
  const open = new Map<number, Access[][]>()
  const close = (register: number) => {
    for (const accesses of open.get(register) ?? []) {
      const group = groupOf(accesses)
      for (const { at } of accesses) groups.set(at, group)
    }
    open.delete(register)
  }
  instructions.forEach(({ decoded }, at) => {
    const access = accessOf(decoded, at)
    if (access !== undefined) {
      const candidates = open.get(decoded.rs1) ?? []
      const fitting = candidates.find((accesses) => fits(accesses, access))
      if (fitting === undefined) open.set(decoded.rs1, [...candidates, [access]])
      else fitting.push(access)
    }
    const { writes } = registerUse(decoded)
    if (writes !== 0) close(31 - Math.clz32(writes))
  })
  for (const register of [...open.keys()]) close(register)
  return groups
}

function accessOf({ row, imm }: Decoded, at: number): Access | undefined {
  const { effect } = row
  if (effect.kind === 'load') return { at, offset: imm, bytes: effect.width.bytes, store: false }
  return effect.kind === 'store' ? { at, offset: imm, bytes: effect.bytes, store: true } : undefined
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
