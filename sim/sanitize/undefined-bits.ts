/**
 * Which bits of a result mean nothing when bits of the operands mean nothing. Exact for what masks and shifts: compilers
 * compute early and mask away what does not count, and set fields of words that hold nothing yet.
 */

/** A value of a register with the bits of it that mean nothing. */
export interface Operand {
  readonly value: number
  readonly bits: number
}

type Rule = (a: Operand, b: Operand) => number

const ALL = -1

/** A carry takes it to all higher bits. */
const carried = (bits: number) => bits | -bits
const either: Rule = (a, b) => a.bits | b.bits
const everything: Rule = (a, b) => (either(a, b) === 0 ? 0 : ALL)
const inverted: (a: Operand) => Operand = ({ value, bits }) => ({ value: ~value, bits })
/** A zero that means something decides. */
const anded: Rule = (a, b) => (a.bits & (b.bits | b.value)) | (b.bits & (a.bits | a.value))
const ored: Rule = (a, b) => anded(inverted(a), inverted(b))
const shifted =
  (shift: (bits: number, by: number) => number): Rule =>
  (a, b) =>
    b.bits === 0 ? shift(a.bits, b.value & 31) : ALL

/** The values that an operand may have, by its bits that mean something. */
function range({ value, bits }: Operand, signed: boolean): readonly [least: number, most: number] {
  const flip = signed ? 0x8000_0000 : 0
  return [((value ^ flip) & ~bits) >>> 0, ((value ^ flip) | bits) >>> 0]
}

const isOrderOpen =
  (signed: boolean) =>
  (a: Operand, b: Operand): boolean => {
    const [leastA, mostA] = range(a, signed)
    const [leastB, mostB] = range(b, signed)
    return mostA >= leastB && leastA < mostB
  }

/** By name of a branch: whether bits that mean nothing decide about it. */
const branches: Readonly<Record<string, (a: Operand, b: Operand) => boolean>> = {
  eq: (a, b) => ((a.value ^ b.value) & ~either(a, b)) === 0,
  lt: isOrderOpen(true),
  ltu: isOrderOpen(false),
}
const order =
  (name: 'lt' | 'ltu'): Rule =>
  (a, b) =>
    either(a, b) !== 0 && branches[name]!(a, b) ? 1 : 0

const copying: Readonly<Record<string, Rule>> = {
  and: anded,
  or: ored,
  xor: either,
  sll: shifted((bits, by) => bits << by),
  srl: shifted((bits, by) => bits >>> by),
  sra: shifted((bits, by) => bits >> by),
  andn: (a, b) => anded(a, inverted(b)),
  orn: (a, b) => ored(a, inverted(b)),
  xnor: either,
}

const computing: Readonly<Record<string, Rule>> = {
  add: (a, b) => carried(either(a, b)),
  sub: (a, b) => carried(either(a, b)),
  mul: (a, b) => (isZero(a) || isZero(b) ? 0 : carried(either(a, b))),
  mulh: everything,
  mulhu: everything,
  mulhsu: everything,
  div: everything,
  divu: everything,
  rem: everything,
  remu: everything,
  slt: order('lt'),
  sltu: order('ltu'),
}

const isZero = ({ value, bits }: Operand) => value === 0 && bits === 0

/** `andi` is `and`, `sltiu` is `sltu`. */
const withoutImmediate = (name: string) => name.replace(/i(u?)$/, '$1')

/** What comes of an instruction; nothing when it is none of those that are followed. */
export function resultOf(name: string, a: Operand, b: Operand): { bits: number; computed: boolean } | undefined {
  const base = withoutImmediate(name)
  const copied = copying[base]
  if (copied !== undefined) return { bits: copied(a, b), computed: false }
  const computed = computing[base]
  return computed && { bits: computed(a, b), computed: true }
}

/** Whether it depends on bits that mean nothing which way a branch goes. */
export function isBranchOpen(name: string, a: Operand, b: Operand): boolean {
  const test = name === 'beq' || name === 'bne' ? 'eq' : name.endsWith('u') ? 'ltu' : 'lt'
  return either(a, b) !== 0 && branches[test]!(a, b)
}
