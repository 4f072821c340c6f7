/** Units without traps: arithmetic, memory, control flow, atomics. */
import { csr } from '../../sim/cpu/csr/rows.ts'
import { Decoder } from '../../sim/cpu/decoder.ts'
import { expandCompressed } from '../../sim/cpu/instructions/compressed.ts'
import { encode } from '../../sim/cpu/instructions/encode.ts'
import type { Extension } from '../../sim/cpu/instructions/row.ts'
import { instructionTable } from '../../sim/cpu/instructions/table.ts'
import { Code } from './code.ts'
import { CONTEXT, COUNTER, DATA_BYTES, SPARE } from './layout.ts'
import type { Random } from './random.ts'

/** What generators of units know. */
export interface Setting {
  readonly random: Random
  readonly extensions: ReadonlySet<Extension>
}

/** A register that may be written. */
export const target = (random: Random) => random.below(COUNTER)
/** One that may be read. */
export const source = (random: Random) => random.below(32)

const decoder = new Decoder(new Set<Extension>(['i', 'm', 'c']))

/** One to `most` instructions that compute. */
export function compute({ random, extensions }: Setting, most = 10): Code {
  const rows = instructionTable.filter((row) => row.effect.kind === 'set' && extensions.has(row.extension))
  const code = new Code()
  for (let n = random.between(1, most); n > 0; n--) {
    const half = extensions.has('c') && random.chance(0.4) ? compressedCompute(random) : undefined
    if (half !== undefined) code.half(half)
    else {
      const row = random.pick(rows)
      const imm = row.format === 'U' ? random.word() : random.between(-2048, 2047)
      code.word(encode(row, { rd: target(random), rs1: source(random), rs2: source(random), imm }))
    }
  }
  return code
}

/** A 16-bit instruction that computes, found by trying. */
function compressedCompute(random: Random): number | undefined {
  for (let tries = 0; tries < 20; tries++) {
    const half = random.word() & 0xffff
    const word = (half & 3) === 3 ? undefined : expandCompressed(half)
    const decoded = word === undefined ? undefined : decoder.decode(word)
    if (decoded?.row.effect.kind === 'set' && decoded.rd < COUNTER) return half
  }
  return undefined
}

/** base = an address in the program's data. @returns how far the data goes from there, both ways */
export function dataPointer(
  code: Code,
  random: Random,
  base: number,
  alignment = 1,
): { before: number; after: number } {
  const offset = random.between(16, DATA_BYTES - 144) & -alignment
  code.asm('addi', { rd: base, rs1: CONTEXT, imm: offset - DATA_BYTES })
  return { before: offset, after: DATA_BYTES - offset }
}

/** Loads and stores of every width, misaligned ones too. */
export function memory({ random, extensions }: Setting): Code {
  const code = new Code()
  const base = random.between(8, 15)
  dataPointer(code, random, base, 4)
  const aligned = random.chance(0.6)
  for (let n = random.between(1, 8); n > 0; n--) {
    if (extensions.has('c') && random.chance(0.3)) code.half(compressedAccess(random, base))
    else {
      const name = random.pick(['lb', 'lbu', 'lh', 'lhu', 'lw', 'sb', 'sh', 'sw'])
      const imm = random.between(-16, 120) & (aligned ? -4 : -1)
      const rd = random.pick([1, 2, 3, 4, 5, 6, 7, 16, 20, 28])
      code.asm(name, { rd, rs1: base, rs2: source(random), imm })
    }
  }
  return code
}

/** c.lw or c.sw with a base from x8 to x15, or the stack forms when that is what `base` stands for. */
function compressedAccess(random: Random, base: number): number {
  const offset = random.below(32)
  const bits = ((offset & 0xe) << 9) | ((offset & 1) << 6) | ((offset & 0x10) << 1)
  const data = random.between(8, 15)
  const loads = random.chance(0.5) && data !== base
  return (loads ? 0x4000 : 0xc000) | bits | ((base - 8) << 7) | ((data - 8) << 2)
}

/** c.lwsp and c.swsp. */
export function stack({ random, extensions }: Setting): Code {
  const code = new Code().asm('addi', { rd: 2, rs1: CONTEXT, imm: -DATA_BYTES + 4 * random.below(300) })
  for (let n = random.between(1, 6); n > 0; n--) {
    const offset = random.below(64)
    if (!extensions.has('c'))
      code.asm(random.pick(['lw', 'sw']), { rd: 5, rs1: 2, rs2: source(random), imm: offset * 4 })
    else if (random.chance(0.5)) {
      const rd = random.pick([1, 3, 8, 15, 28])
      code.half(0x4002 | (rd << 7) | ((offset & 7) << 4) | ((offset & 8) << 9) | ((offset & 0x30) >> 2))
    } else code.half(0xc002 | (source(random) << 2) | ((offset & 0xf) << 9) | ((offset & 0x30) << 3))
  }
  return code
}

export const CONDITIONS = ['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu'] as const

/** Branches over some code, or calls of it. */
export function forward(setting: Setting): Code {
  const { random, extensions } = setting
  const code = new Code()
  const kind = random.below(extensions.has('c') ? 4 : 3)
  const body = compute(setting, 4)
  if (kind === 0) {
    const land = code.branchAhead(random.pick(CONDITIONS), source(random), source(random))
    code.append(body)
    land()
  } else if (kind === 1) code.asm('jal', { rd: target(random), imm: body.bytes + 4 }).append(body)
  else if (kind === 2) {
    const base = random.between(5, 28)
    const rd = random.pick([target(random), base])
    code.asm('auipc', { rd: base }).asm('jalr', { rd, rs1: base, imm: body.bytes + 8 + random.below(2) })
    code.append(body)
  } else {
    const distance = body.bytes + 2
    const bits = ((distance & 0x18) << 7) | ((distance & 6) << 2) | ((distance & 0x20) >> 3) | ((distance & 0xc0) >> 1)
    code.half(random.pick([0xc001, 0xe001]) | (random.below(8) << 7) | bits).append(body)
  }
  return code
}

/** A loop of arithmetic, memory accesses and branches: code that becomes hot. */
export function loop(setting: Setting, most = 90): Code {
  const { random } = setting
  const body = new Code()
  for (let n = random.between(1, 4); n > 0; n--) body.append(random.pick([compute, memory, forward, stack])(setting))
  const code = new Code().asm('addi', { rd: COUNTER, imm: random.between(2, most) }).append(body)
  code.asm('addi', { rd: COUNTER, rs1: COUNTER, imm: -1 })
  return code.asm('bne', { rs1: COUNTER, rs2: 0, imm: -body.bytes - 4 })
}

/** A call of a function that returns, in a loop. */
export function calls(setting: Setting): Code {
  const { random } = setting
  const body = compute(setting, 6)
  const callee = new Code()
  // The link register must survive: x1 is saved in x28, which the data does not depend on.
  callee.asm('addi', { rd: 30, rs1: 1 }).append(body).asm('addi', { rd: 1, rs1: 30 }).asm('jalr', { rs1: 1 })
  const code = new Code().asm('addi', { rd: COUNTER, imm: random.between(2, 60) })
  code.asm('jal', { imm: callee.bytes + 4 }).append(callee)
  code.asm('jal', { rd: 1, imm: -callee.bytes }).asm('addi', { rd: COUNTER, rs1: COUNTER, imm: -1 })
  return code.asm('bne', { rs1: COUNTER, rs2: 0, imm: -8 })
}

const AMOS = instructionTable.filter(({ name }) => name.startsWith('amo'))

/** amos, and lr with sc: with and without a reservation, with stores between that change the word. */
export function atomics({ random }: Setting): Code {
  const code = new Code()
  const base = random.between(8, 15)
  dataPointer(code, random, base, 4)
  const rd = () => random.between(16, 28)
  const sc = (rs1 = base) => code.asm('sc.w', { rd: rd(), rs1, rs2: source(random) })
  for (let n = random.between(1, 5); n > 0; n--) {
    if (random.chance(0.5)) {
      code.word(encode(random.pick(AMOS), { rd: rd(), rs1: base, rs2: source(random) }) | (random.below(4) << 25))
      continue
    }
    const old = rd()
    code.asm('lr.w', { rd: old, rs1: base })
    const between = random.below(5)
    // QEMU's sc looks at the value alone, so what breaks a reservation has to change it (docs/isa.md).
    if (between === 0)
      code.asm('xori', { rd: old, rs1: old, imm: random.between(1, 2047) }).asm('sw', { rs1: base, rs2: old })
    else if (between === 1) code.asm('sw', { rs1: base, rs2: old, imm: 4 })
    else if (between === 2) code.asm('ecall')
    else if (between === 3) sc(random.pick([CONTEXT, base]))
    sc()
    if (random.chance(0.3)) sc()
  }
  return code
}

/** Adds to a word by lr and sc until that succeeds, whatever comes between. */
export function retriedAdd({ random }: Setting): Code {
  const code = new Code()
  dataPointer(code, random, 8, 4)
  code.asm('lr.w', { rd: 16, rs1: 8 }).asm('addi', { rd: 17, rs1: 16, imm: random.between(-9, 9) })
  return code.asm('sc.w', { rd: 18, rs1: 8, rs2: 17 }).asm('bne', { rs1: 18, imm: -12 })
}

/** How many instructions retire between two looks at a counter; the first one is where the program cannot see it. */
export function counted(setting: Setting): Code {
  const { random } = setting
  const imm = random.pick([csr.minstret, csr.instret, csr.mcycle, csr.cycle])
  const code = new Code().asm('csrrs', { rd: COUNTER, imm }).asm('sw', { rs1: CONTEXT, rs2: COUNTER, imm: SPARE })
  code.asm('addi', { rd: COUNTER })
  for (let n = random.between(1, 4); n > 0; n--) code.append(random.pick([compute, memory, forward, stack])(setting))
  const rd = random.between(5, 28)
  code.asm('csrrs', { rd, imm }).asm('lw', { rd: COUNTER, rs1: CONTEXT, imm: SPARE })
  return code.asm('sub', { rd, rs1: rd, rs2: COUNTER }).asm('addi', { rd: COUNTER })
}
