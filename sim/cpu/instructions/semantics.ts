/**
 * The vocabulary in which instruction rows say what they do. Values are 32-bit words; operators mean what the
 * WebAssembly i32 instruction of that name does (shift amounts modulo 32 included), comparisons give 0 or 1,
 * and `div*`, `rem*`, `mulh*` mean what the RISC-V instructions do (no trap on division by zero).
 */
export type BinaryOperator =
  | 'add'
  | 'sub'
  | 'and'
  | 'or'
  | 'xor'
  | 'shl'
  | 'shr_s'
  | 'shr_u'
  | 'eq'
  | 'ne'
  | 'lt_s'
  | 'lt_u'
  | 'ge_s'
  | 'ge_u'
  | 'mul'
  | 'mulh'
  | 'mulhu'
  | 'mulhsu'
  | 'div'
  | 'divu'
  | 'rem'
  | 'remu'
  | 'min_s'
  | 'min_u'
  | 'max_s'
  | 'max_u'
  | 'rotl'
  | 'rotr'

/** Operators of one value, as WebAssembly's i32 instructions: leading and trailing zeros (32 for none), ones. */
export type UnaryOperator = 'clz' | 'ctz' | 'popcnt'

/** What an instruction computes; the leaves are its operands. */
export type Expression =
  | { readonly kind: 'rs1' | 'rs2' | 'imm' | 'pc' }
  | { readonly kind: 'const'; readonly value: number }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly a: Expression }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly a: Expression; readonly b: Expression }

/** Bytes of a memory access, and whether a load extends its sign. */
export type LoadWidth = { readonly bytes: 1 | 2 | 4; readonly signed: boolean }

/** What an atomic instruction does to the word at rs1; an operator combines it with rs2, and `swap` takes rs2. */
export type AtomicOperation = 'lr' | 'sc' | 'swap' | BinaryOperator

/** Instructions whose effect lies in the hart's control state; `sim/cpu/system.ts` carries them out. */
export type SystemCall =
  | 'ecall'
  | 'ebreak'
  | 'mret'
  | 'wfi'
  | 'fence'
  | 'fence.i'
  | 'csrrw'
  | 'csrrs'
  | 'csrrc'
  | 'csrrwi'
  | 'csrrsi'
  | 'csrrci'

/** What an instruction does. Unless it branches or jumps, the next instruction in memory follows. */
export type Effect =
  | { readonly kind: 'set'; readonly value: Expression }
  | { readonly kind: 'load'; readonly width: LoadWidth; readonly address: Expression }
  | { readonly kind: 'store'; readonly bytes: 1 | 2 | 4; readonly address: Expression; readonly value: Expression }
  | { readonly kind: 'atomic'; readonly operation: AtomicOperation }
  | { readonly kind: 'branch'; readonly condition: Expression }
  /** rd becomes the address of the next instruction in memory; a target computed from a register loses its bit 0. */
  | { readonly kind: 'jump'; readonly target: Expression }
  | { readonly kind: 'system'; readonly call: SystemCall }

export const rs1: Expression = { kind: 'rs1' }
export const rs2: Expression = { kind: 'rs2' }
export const imm: Expression = { kind: 'imm' }
export const pc: Expression = { kind: 'pc' }

export const constant = (value: number): Expression => ({ kind: 'const', value })

const unary =
  (operator: UnaryOperator) =>
  (a: Expression): Expression => ({ kind: 'unary', operator, a })

const binary =
  (operator: BinaryOperator) =>
  (a: Expression, b: Expression): Expression => ({ kind: 'binary', operator, a, b })

export const add = binary('add')
export const sub = binary('sub')
export const and = binary('and')
export const or = binary('or')
export const xor = binary('xor')
export const shl = binary('shl')
export const shrS = binary('shr_s')
export const shrU = binary('shr_u')
export const eq = binary('eq')
export const ne = binary('ne')
export const ltS = binary('lt_s')
export const ltU = binary('lt_u')
export const geS = binary('ge_s')
export const geU = binary('ge_u')
export const mul = binary('mul')
export const mulh = binary('mulh')
export const mulhu = binary('mulhu')
export const mulhsu = binary('mulhsu')
export const div = binary('div')
export const divu = binary('divu')
export const rem = binary('rem')
export const remu = binary('remu')
export const minS = binary('min_s')
export const minU = binary('min_u')
export const maxS = binary('max_s')
export const maxU = binary('max_u')
export const rotl = binary('rotl')
export const rotr = binary('rotr')
export const clz = unary('clz')
export const ctz = unary('ctz')
export const popcnt = unary('popcnt')

/** rd = value */
export const set = (value: Expression): Effect => ({ kind: 'set', value })
/** rd = memory at address, sign-extended */
export const loadS = (bytes: 1 | 2 | 4, address: Expression): Effect => ({
  kind: 'load',
  width: { bytes, signed: true },
  address,
})
/** rd = memory at address, zero-extended */
export const loadU = (bytes: 1 | 2, address: Expression): Effect => ({
  kind: 'load',
  width: { bytes, signed: false },
  address,
})
/** memory at address = low bytes of value */
export const store = (bytes: 1 | 2 | 4, address: Expression, value: Expression): Effect => ({
  kind: 'store',
  bytes,
  address,
  value,
})
/** rd = word at rs1, which may change */
export const atomic = (operation: AtomicOperation): Effect => ({ kind: 'atomic', operation })
/** to pc + imm if the condition is not zero */
export const branch = (condition: Expression): Effect => ({ kind: 'branch', condition })
/** rd = next pc; to target */
export const jump = (target: Expression): Effect => ({ kind: 'jump', target })
export const system = (call: SystemCall): Effect => ({ kind: 'system', call })
