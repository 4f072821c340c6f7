/** Units that trap. */
import { csr } from '../../sim/cpu/csr/rows.ts'
import { Decoder } from '../../sim/cpu/decoder.ts'
import { Code } from './code.ts'
import { COUNTER, RAM, RAM_BYTES, RECOVERY } from './layout.ts'
import { CONDITIONS, compute, dataPointer, forward, memory, type Setting, source, target } from './plain-units.ts'

/** Addresses with nothing behind them, here and on the virt machine. */
export const NOWHERE: readonly number[] = [0x0020_0000, 0x0900_0000, RAM + RAM_BYTES, 0xa000_0000, 0xffff_fff0]
const RMW = ['amoadd.w', 'amoswap.w', 'amomax.w', 'amominu.w']

export function accessFault({ random, extensions }: Setting): Code {
  const code = new Code().li(5, random.pick(NOWHERE) & ~3)
  if (extensions.has('a') && random.chance(0.3)) {
    return code.asm(random.pick(['lr.w', ...RMW]), { rd: 6, rs1: 5, rs2: 7 })
  }
  const name = random.pick(['lb', 'lbu', 'lh', 'lhu', 'lw', 'sb', 'sh', 'sw'])
  return code.asm(name, { rd: target(random), rs1: 5, rs2: source(random), imm: random.below(4) * 4 })
}

/** A loop whose pointer leaves RAM or comes into it, then accesses that lie in RAM by half. */
export function walkOff({ random }: Setting): Code {
  const steps = random.between(2, 6)
  const [load, store, bytes] = random.pick([
    ['lb', 'sb', 1],
    ['lhu', 'sh', 2],
    ['lw', 'sw', 4],
  ] as const)
  const step = bytes * random.pick([1, -1])
  const end = RAM + RAM_BYTES
  const code = new Code().li(8, end - step * random.between(0, steps)).asm('addi', { rd: COUNTER, imm: steps })
  code.asm(load, { rd: 9, rs1: 8 }).asm('add', { rd: 10, rs1: 10, rs2: 9 }).asm(store, { rs1: 8 })
  code.asm('addi', { rd: 8, rs1: 8, imm: step }).asm('addi', { rd: COUNTER, rs1: COUNTER, imm: -1 })
  code.asm('bne', { rs1: COUNTER, imm: -20 }).li(8, end)
  if (random.chance(0.5)) code.asm(random.pick(['lw', 'sw']), { rd: 9, rs1: 8, imm: -random.between(1, 3) })
  if (random.chance(0.5)) code.asm(random.pick(['lh', 'sh']), { rd: 9, rs1: 8, imm: -1 })
  return code
}

/** lr and amo off the word boundary. */
export function misalignedAtomic({ random }: Setting): Code {
  const code = new Code()
  dataPointer(code, random, 5, 4)
  code.asm('addi', { rd: 5, rs1: 5, imm: random.between(1, 3) })
  return code.asm(random.pick(['lr.w', ...RMW]), { rd: 6, rs1: 5, rs2: 7 })
}

const OPCODES = [
  0x03, 0x0f, 0x13, 0x17, 0x23, 0x2f, 0x33, 0x37, 0x63, 0x67, 0x6f, 0x73, 0x07, 0x27, 0x43, 0x53, 0x57, 0x0b, 0x1b,
  0x3b, 0x5b, 0x7f,
]

/** Encodings that this hart refuses; QEMU refuses them all. */
export function illegal({ random, extensions }: Setting): Code {
  const decoder = new Decoder(extensions)
  const code = new Code()
  const wanted = random.between(1, 3)
  for (let tries = 0; tries < 200 && code.bytes < wanted * 4; tries++) {
    const word = random.chance(0.2) ? random.word() | 3 : (random.word() & ~0x7f) | random.pick(OPCODES)
    if (extensions.has('c') && random.chance(0.3)) {
      const half = random.word() & 0xffff
      if ((half & 3) !== 3 && decoder.decode(half) === undefined) code.half(half)
    } else if (decoder.decode(word) === undefined) code.word(word)
  }
  return code
}

export function environment({ random, extensions }: Setting): Code {
  const code = new Code()
  if (extensions.has('c') && random.chance(0.3)) return code.half(0x9002)
  return code.asm(random.pick(['ecall', 'ebreak']))
}

/** Traps again and again, between instructions that do not. */
export function trappingLoop(setting: Setting): Code {
  const { random, extensions } = setting
  const traps = [accessFault, illegal, environment, ...(extensions.has('a') ? [misalignedAtomic] : [])]
  const body = new Code()
  for (let n = random.between(1, 3); n > 0; n--) body.append(random.pick([compute, memory, forward])(setting))
  body.append(random.pick(traps)(setting)).append(compute(setting, 3))
  const code = new Code().asm('addi', { rd: COUNTER, imm: random.between(2, 5) }).append(body)
  code.asm('addi', { rd: COUNTER, rs1: COUNTER, imm: -1 })
  return code.asm('bne', { rs1: COUNTER, imm: -body.bytes - 4 })
}

/** Jumps to where nothing can be fetched; the handler goes on behind the jump. */
export function wildJump({ random, extensions }: Setting): Code {
  const misaligned = !extensions.has('c') && random.chance(0.5)
  const code = new Code().li(5, (random.pick(NOWHERE) & ~3) | (misaligned ? 2 : 0)).address(RECOVERY, 12)
  return code.asm('jalr', { rd: random.pick([0, 1, 5]), rs1: 5, imm: random.below(2) })
}

/** jal and branches to half a word, which trap when they are taken; harmless with compressed instructions. */
export function misalignedTarget(setting: Setting): Code {
  const { random, extensions } = setting
  if (extensions.has('c')) return forward(setting)
  const code = new Code().address(RECOVERY, 12)
  const imm = random.between(-20, 20) * 4 + 2
  if (random.chance(0.4)) return code.asm('jal', { rd: target(random), imm })
  return code.asm(random.pick(CONDITIONS), { rs1: source(random), rs2: source(random), imm })
}

/** mret from and to machine mode, with any status. */
export function machineReturn({ random }: Setting): Code {
  const rd = random.between(7, 28)
  const code = new Code().li(5, 0x2_1880).asm('csrrc', { rs1: 5, imm: csr.mstatus })
  code.li(5, 0x1800 | (random.word() & 0x2_0088)).asm('csrrs', { rs1: 5, imm: csr.mstatus })
  code.address(5, 16).setControl(csr.mepc, 5).asm('mret')
  code.asm('csrrs', { rd, imm: csr.mstatus }).li(5, 0x2_1888).asm('and', { rd, rs1: rd, rs2: 5 })
  return code.asm('csrrc', { rs1: 5, imm: csr.mstatus })
}
