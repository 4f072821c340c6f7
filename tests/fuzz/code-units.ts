/** Units that write code and run it. */
import { encode } from '../../sim/cpu/instructions/encode.ts'
import { instructionTable } from '../../sim/cpu/instructions/table.ts'
import { Code } from './code.ts'
import { CONTEXT, COUNTER, RAM, RECOVERY } from './layout.ts'
import { compute, type Setting, source, target } from './plain-units.ts'

const POINTER = 28
const arithmetic = instructionTable.filter((row) => row.format === 'R' && row.extension === 'i')

/** Overwrites an instruction ahead and runs it after fence.i. */
export function overwrite(setting: Setting): Code {
  const { random } = setting
  const code = new Code().li(5, arithmeticWord(setting)).asm('auipc', { rd: 6 })
  if (random.chance(0.5)) code.asm('sw', { rs1: 6, rs2: 5, imm: 12 })
  else {
    code.asm('sh', { rs1: 6, rs2: 5, imm: 20 }).asm('srli', { rd: 7, rs1: 5, imm: 16 })
    code.asm('sh', { rs1: 6, rs2: 7, imm: 22 })
  }
  code.append(instructionFence(setting))
  return code.asm('addi', { rd: target(random), rs1: source(random), imm: 1 })
}

/** A loop whose first instruction is another one every time: it is swapped with one that lies behind the loop. */
export function swapInLoop(setting: Setting): Code {
  const { random } = setting
  const body = compute(setting, 4)
  const code = new Code().asm('addi', { rd: COUNTER, imm: random.between(2, 40) }).address(RECOVERY, 8)
  const top = code.bytes
  code.word(arithmeticWord(setting)).append(body)
  const swap = new Code()
  // In halves: the loop may begin anywhere when there are compressed instructions. The spare word is the last one.
  const spare = code.bytes - top + 8 * 4 + 4 + 4 * 3
  for (const half of [0, 2]) {
    swap.asm('lhu', { rd: 5, rs1: RECOVERY, imm: half }).asm('lhu', { rd: 6, rs1: RECOVERY, imm: spare + half })
    swap.asm('sh', { rs1: RECOVERY, rs2: 6, imm: half }).asm('sh', { rs1: RECOVERY, rs2: 5, imm: spare + half })
  }
  swap.append(instructionFence(setting)).asm('addi', { rd: COUNTER, rs1: COUNTER, imm: -1 })
  code.append(swap)
  code.asm('bne', { rs1: COUNTER, imm: top - code.bytes }).asm('jal', { imm: 8 })
  return code.word(arithmeticWord(setting))
}

/** Writes a function far away, most often across a boundary that engines may care about, and calls it. */
export function farCode(setting: Setting): Code {
  const { random, extensions } = setting
  const body = compute({ random, extensions }, 4)
  body.asm('jalr', { rs1: RECOVERY })
  const step = extensions.has('c') ? 2 : 4
  const boundary = RAM + 0x80_0000 + random.pick([0x1000, 0x1_0000, 0x2_0000])
  const start = boundary - step * random.between(0, body.bytes / step)
  const code = new Code()
  for (const [index, half] of body.halves.entries()) {
    code
      .li(5, start + index * 2)
      .li(6, half)
      .asm('sh', { rs1: 5, rs2: 6 })
  }
  code.append(instructionFence(setting)).asm('addi', { rd: COUNTER, imm: random.between(1, 20) })
  code.li(POINTER, start)
  // The function may write any register but the counter and those that the harness needs.
  code.asm('sw', { rs1: CONTEXT, rs2: POINTER, imm: -4 })
  const again = code.bytes
  code.asm('lw', { rd: POINTER, rs1: CONTEXT, imm: -4 }).asm('jalr', { rd: RECOVERY, rs1: POINTER })
  code.asm('addi', { rd: COUNTER, rs1: COUNTER, imm: -1 })
  return code.asm('bne', { rs1: COUNTER, imm: again - code.bytes })
}

/** Fences of all kinds: those with reserved fields are plain ones. */
export function fences({ random }: Setting): Code {
  const fields = random.word() & ~0x707f
  return new Code().word(0x0000_000f | (random.below(256) << 20)).word(0x0000_000f | fields)
}

/** Its unused fields are to be ignored (unprivileged ISA, chapter 6). */
function instructionFence({ random }: Setting): Code {
  return new Code().word(0x0000_100f | (random.chance(0.2) ? random.word() & ~0x707f : 0))
}

function arithmeticWord({ random }: Setting): number {
  return encode(random.pick(arithmetic), { rd: target(random), rs1: source(random), rs2: source(random) })
}
