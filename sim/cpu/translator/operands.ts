import type { Decoded } from '../decoder.ts'
import type { Expression } from '../instructions/semantics.ts'
import type { Region } from './region.ts'

/** Registers that an instruction reads and writes; bit N for xN, x0 never. */
export interface RegisterUse {
  readonly reads: number
  readonly writes: number
}

const known = new WeakMap<Decoded, RegisterUse>()

/** Which registers an instruction touches, by its row's effect. */
export function registerUse(decoded: Decoded): RegisterUse {
  let use = known.get(decoded)
  if (use === undefined) {
    use = findUse(decoded)
    known.set(decoded, use)
  }
  return use
}

function findUse({ row, rs1, rs2, rd }: Decoded): RegisterUse {
  const { effect } = row
  const bit = (register: number) => (register === 0 ? 0 : 1 << register)
  const leaves = (expression: Expression): number => {
    if (expression.kind === 'unary') return leaves(expression.a)
    if (expression.kind === 'binary') return leaves(expression.a) | leaves(expression.b)
    if (expression.kind === 'rs1') return bit(rs1)
    return expression.kind === 'rs2' ? bit(rs2) : 0
  }
  switch (effect.kind) {
    case 'set':
      return { reads: leaves(effect.value), writes: bit(rd) }
    case 'load':
      return { reads: leaves(effect.address), writes: bit(rd) }
    case 'store':
      return { reads: leaves(effect.address) | leaves(effect.value), writes: 0 }
    case 'atomic':
      return { reads: bit(rs1) | bit(rs2), writes: bit(rd) }
    case 'branch':
      return { reads: leaves(effect.condition), writes: 0 }
    case 'jump':
      return { reads: leaves(effect.target), writes: bit(rd) }
    case 'system':
      return { reads: 0, writes: 0 }
  }
}

/** Registers that a region reads or writes anywhere. */
export function regionUse(region: Region): RegisterUse {
  let reads = 0
  let writes = 0
  for (const { instructions } of region.blocks) {
    for (const { decoded } of instructions) {
      const use = registerUse(decoded)
      reads |= use.reads
      writes |= use.writes
    }
  }
  return { reads, writes }
}

/** Numbers of the set bits, ascending. */
export function registersOf(bits: number): number[] {
  const registers: number[] = []
  for (let rest = bits; rest !== 0; rest &= rest - 1) registers.push(31 - Math.clz32(rest & -rest))
  return registers
}

/** Registers that the calling convention keeps return addresses in (unprivileged ISA, section 2.5.1). */
export function isLink(register: number): boolean {
  return register === 1 || register === 5
}
