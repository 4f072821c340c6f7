/** Units that trap, change modes, touch control registers or are interrupted. */
import { csr, csrRows } from '../../sim/cpu/csr/rows.ts'
import { Decoder } from '../../sim/cpu/decoder.ts'
import { Code } from './code.ts'
import { type ControlRule, controlRules } from './differences.ts'
import { CLINT, CONTEXT, DATA_BYTES, HANDLER, RAM, RAM_BYTES, RECOVERY, RESULTS, SCRATCH } from './harness.ts'
import { compute, dataPointer, memory, type Setting, source, target } from './plain-units.ts'
import type { Random } from './random.ts'

/** Addresses with nothing behind them, here and on the virt machine. */
const NOWHERE = [0x0020_0000, 0x0900_0000, RAM + RAM_BYTES, 0xa000_0000, 0xffff_fff0]

export function accessFault({ random, extensions }: Setting): Code {
  const names = ['lb', 'lbu', 'lh', 'lhu', 'lw', 'sb', 'sh', 'sw']
  const code = new Code().li(5, random.pick(NOWHERE) & ~3)
  if (extensions.has('a') && random.chance(0.3)) {
    return code.asm(random.pick(['lr.w', 'amoadd.w', 'amoswap.w', 'amominu.w']), { rd: 6, rs1: 5, rs2: 7 })
  }
  return code.asm(random.pick(names), { rd: target(random), rs1: 5, rs2: source(random), imm: random.below(4) * 4 })
}

/** lr and amo off the word boundary. */
export function misalignedAtomic({ random }: Setting): Code {
  const code = new Code()
  dataPointer(code, random, 5, 4)
  code.asm('addi', { rd: 5, rs1: 5, imm: random.between(1, 3) })
  return code.asm(random.pick(['lr.w', 'amoadd.w', 'amoswap.w', 'amomax.w']), { rd: 6, rs1: 5, rs2: 7 })
}

/** Encodings that this hart refuses. */
export function illegal({ random, extensions }: Setting): Code {
  const decoder = new Decoder(extensions)
  const code = new Code()
  const wanted = random.between(1, 3)
  for (let tries = 0; tries < 200 && code.bytes < wanted * 4; tries++) {
    const base = random.pick([
      0x03, 0x0f, 0x13, 0x17, 0x23, 0x2f, 0x33, 0x37, 0x63, 0x67, 0x6f, 0x73, 0x07, 0x27, 0x43, 0x53, 0x57, 0x0b, 0x1b,
      0x3b, 0x5b, 0x7f,
    ])
    const word = random.chance(0.2) ? random.word() | 3 : (random.word() & ~0x7f) | base
    if (extensions.has('c') && random.chance(0.3)) {
      const half = random.word() & 0xffff
      if ((half & 3) !== 3 && decoder.decode(half) === undefined) code.half(half)
    } else if (decoder.decode(word) === undefined && !isHint(word)) code.word(word)
  }
  return code
}

/** Encodings that QEMU takes for something that it always has. */
function isHint(word: number): boolean {
  const opcode = word & 0x7f
  // Prefetches and cache operations, and everything of the privileged space but what the rows fix.
  return opcode === 0x0f || (opcode === 0x73 && ((word >>> 12) & 3) === 0)
}

export function environment({ random, extensions }: Setting): Code {
  const code = new Code()
  if (extensions.has('c') && random.chance(0.3)) return code.half(0x9002)
  return code.asm(random.pick(['ecall', 'ebreak']))
}

/** Jumps to where nothing can be fetched; the handler goes on behind the jump. */
export function wildJump({ random, extensions }: Setting): Code {
  const misaligned = !extensions.has('c') && random.chance(0.5)
  const code = new Code().li(5, (random.pick(NOWHERE) & ~3) | (misaligned ? 2 : 0))
  code.asm('auipc', { rd: RECOVERY }).asm('addi', { rd: RECOVERY, rs1: RECOVERY, imm: 12 })
  return code.asm('jalr', { rd: random.chance(0.5) ? 1 : 0, rs1: 5, imm: random.below(2) })
}

/** Reads a control register, writes it, reads it again through its mask, and puts back what was there. */
export function control({ random }: Setting): Code {
  const row = random.pick(csrRows)
  const rule = controlRules.get(row.name)
  const code = new Code()
  const readOnly = row.address >>> 10 === 3
  if (rule === undefined || rule.compare === 'exists') {
    if (readOnly && random.chance(0.3)) return code.asm('csrrw', { rd: 5, rs1: source(random), imm: row.address })
    return code.asm(random.pick(['csrrs', 'csrrc', 'csrrsi', 'csrrci']), { imm: row.address })
  }
  if (readOnly) {
    if (random.chance(0.3)) return code.asm('csrrw', { rd: 5, rs1: source(random), imm: row.address })
    return code.asm('csrrs', { rd: target(random), imm: row.address })
  }
  return modify(code, random, row.address, rule)
}

function modify(code: Code, random: Random, imm: number, rule: ControlRule): Code {
  const legal = rule.legal ?? ((value: number) => value)
  const rd = random.between(7, 28)
  const freely = rule.legal === undefined
  code.li(5, legal(random.value())).li(6, legal(random.value()))
  code.asm('csrrw', { rd: SCRATCH, rs1: 5, imm })
  if (freely && random.chance(0.5))
    code.asm(random.pick(['csrrwi', 'csrrsi', 'csrrci']), { rs1: random.below(32), imm })
  code.asm(random.pick(freely ? ['csrrw', 'csrrs', 'csrrc'] : ['csrrw']), { rs1: 6, imm })
  code.asm('csrrs', { rd, imm })
  if (rule.mask !== undefined) code.li(5, rule.mask).asm('and', { rd, rs1: rd, rs2: 5 })
  return code.asm('csrrw', { rs1: SCRATCH, imm }).asm('addi', { rd: SCRATCH })
}

/** Registers that neither has: of supervisor mode, debug mode, custom space. */
export function unknownControl({ random }: Setting): Code {
  const imm = random.pick([0x100, 0x105, 0x141, 0x180, 0x001, 0x7b0, 0x7c0, 0x5c0, 0x8ff, 0xbc0, 0xcc0, 0xfc0, 0x200])
  return new Code().asm(random.pick(['csrrw', 'csrrs', 'csrrci']), { rd: target(random), rs1: source(random), imm })
}

/** Stops the counters, writes them and finds what was written. */
export function stoppedCounters({ random }: Setting): Code {
  const name = random.pick([csr.mcycle, csr.minstret, csr.mcycleh, csr.minstreth])
  const code = new Code().asm('csrrwi', { rs1: 5, imm: csr.mcountinhibit }).li(5, random.value())
  code.asm('csrrw', { rs1: 5, imm: name }).asm('csrrs', { rd: random.between(6, 28), imm: name })
  return code.asm('csrrwi', { rs1: 0, imm: csr.mcountinhibit })
}

/** Raises the software or the timer interrupt, which is taken once it is enabled; or sleeps until it is pending. */
export function interrupts({ random }: Setting): Code {
  const code = new Code().asm('csrrci', { rs1: 8, imm: csr.mstatus })
  const timer = random.chance(0.5)
  const vectored = random.chance(0.5)
  if (vectored)
    code
      .asm('addi', { rd: 5, rs1: CONTEXT, imm: 1 })
      .li(6, HANDLER - RESULTS)
      .asm('add', { rd: 5, rs1: 5, rs2: 6 })
      .asm('csrrw', { rs1: 5, imm: csr.mtvec })
  code.li(5, timer ? CLINT + 0x4000 : CLINT)
  if (timer) code.asm('sw', { rs1: 5, imm: 4 }).asm('sw', { rs1: 5 })
  else code.asm('addi', { rd: 6, imm: 1 }).asm('sw', { rs1: 5, rs2: 6 })
  code.li(6, timer ? 0x80 : 8)
  if (random.chance(0.3))
    code.asm('csrrw', { rs1: 6, imm: csr.mie }).asm('wfi').asm('csrrsi', { rs1: 8, imm: csr.mstatus })
  else if (random.chance(0.5)) code.asm('csrrw', { rs1: 6, imm: csr.mie }).asm('csrrsi', { rs1: 8, imm: csr.mstatus })
  else code.asm('csrrsi', { rs1: 8, imm: csr.mstatus }).asm('csrrw', { rs1: 6, imm: csr.mie })
  code.append(compute({ random, extensions: new Set(['i']) }, 3)).li(5, timer ? CLINT + 0x4000 : CLINT)
  if (timer) code.li(6, -1).asm('sw', { rs1: 5, rs2: 6, imm: 4 })
  else code.asm('sw', { rs1: 5 })
  code.asm('csrrci', { rs1: 8, imm: csr.mstatus }).asm('csrrwi', { imm: csr.mie })
  if (vectored)
    code
      .asm('csrrs', { rd: 5, imm: csr.mtvec })
      .asm('andi', { rd: 5, rs1: 5, imm: -4 })
      .asm('csrrw', { rs1: 5, imm: csr.mtvec })
  return code
}

/** Spins until a timer interrupt that comes a little later; when exactly it comes leaves no trace. */
export function laterTimer({ random }: Setting): Code {
  const code = new Code()
    .asm('csrrci', { rs1: 8, imm: csr.mstatus })
    .li(5, CLINT + 0xbff8)
    .asm('lw', { rd: 6, rs1: 5 })
    .asm('addi', { rd: 6, rs1: 6, imm: random.between(1, 200) })
  code
    .li(5, CLINT + 0x4000)
    .asm('sw', { rs1: 5, rs2: 6 })
    .asm('sw', { rs1: 5, imm: 4 })
    .li(6, 0x80)
  code.asm('csrrw', { rs1: 6, imm: csr.mie })
  if (random.chance(0.5)) {
    // Asleep, then taken at a place that is known.
    code.asm('wfi').asm('csrrsi', { rs1: 8, imm: csr.mstatus })
  } else {
    // One instruction that jumps to itself: the handler comes back to it with interrupts disabled, and mie tells.
    code.asm('csrrs', { rd: 6, imm: csr.mip }).asm('andi', { rd: 6, rs1: 6, imm: 0x80 }).asm('beq', { rs1: 6, imm: -8 })
    code.asm('csrrsi', { rs1: 8, imm: csr.mstatus })
  }
  code.asm('csrrci', { rs1: 8, imm: csr.mstatus }).asm('csrrwi', { imm: csr.mie })
  return code
    .li(5, CLINT + 0x4000)
    .li(6, -1)
    .asm('sw', { rs1: 5, rs2: 6, imm: 4 })
}

const OFF = 0
const TOR = 0x08
const NA4 = 0x10
const NAPOT = 0x18
const PERMISSIONS = [0, 1, 3, 4, 5, 7]
const PMPADDR = 0x3b0
const PMPCFG = 0x3a0
/** Entries 0 to 3 divide the data; entry 4 is the code, entry 5 the rest. */
const CODE_ENTRY = 4

/** Sets up protection: random entries over the program's data, the code executable, the rest as it comes. */
function protect(code: Code, { random }: Setting): void {
  for (let entry = 0; entry < 4; entry++) {
    code.li(5, random.below(DATA_BYTES / 4) - DATA_BYTES / 4)
    code.asm('srli', { rd: 6, rs1: CONTEXT, imm: 2 }).asm('add', { rd: 5, rs1: 5, rs2: 6 })
    if (random.chance(0.5)) code.asm('ori', { rd: 5, rs1: 5, imm: random.pick([0, 1, 3, 7, 15, 31]) })
    code.asm('csrrw', { rs1: 5, imm: PMPADDR + entry })
  }
  // The slot up to its data is NAPOT of 8 KiB: the epilogue and every unit.
  code.li(5, RESULTS).asm('sub', { rd: 5, rs1: CONTEXT, rs2: 5 }).asm('srli', { rd: 5, rs1: 5, imm: 2 })
  code.asm('ori', { rd: 5, rs1: 5, imm: 0x3ff }).asm('csrrw', { rs1: 5, imm: PMPADDR + CODE_ENTRY })
  code.li(5, -1).asm('csrrw', { rs1: 5, imm: PMPADDR + CODE_ENTRY + 1 })
  // The first entry is no top of range: that would begin at address 0 and hold the code.
  const kinds = (entry: number) => (entry === 0 ? [OFF, NA4, NAPOT] : [OFF, TOR, NA4, NAPOT])
  const configs = [0, 1, 2, 3].map((entry) => random.pick(kinds(entry)) | random.pick(PERMISSIONS))
  code
    .li(
      5,
      configs.reduce((word, byte, i) => word | (byte << (8 * i)), 0),
    )
    .asm('csrrw', { rs1: 5, imm: PMPCFG })
  const rest = random.pick([0, NAPOT | 1, NAPOT | 3, NAPOT | 7])
  code.li(5, NAPOT | 5 | (rest << 8)).asm('csrrw', { rs1: 5, imm: PMPCFG + 1 })
}

/** Some time in user mode: what is permitted, what is not, and back by a call. */
export function userMode(setting: Setting): Code {
  const { random } = setting
  const code = new Code()
  protect(code, setting)
  code.li(5, random.pick([0, 7, 1, 2, 4, 0x7ff])).asm('csrrw', { rs1: 5, imm: csr.mcounteren })
  const waits = random.chance(0.5)
  if (waits) code.li(5, 0x20_0000).asm('csrrs', { rs1: 5, imm: csr.mstatus })
  code.li(5, 0x1800).asm('csrrc', { rs1: 5, imm: csr.mstatus })
  code
    .asm('auipc', { rd: 5 })
    .asm('addi', { rd: 5, rs1: 5, imm: 16 })
    .asm('csrrw', { rs1: 5, imm: csr.mepc })
    .asm('mret')
  const body = [compute, memory, memory, userControl, userReturn, environmentBreak]
  if (waits) body.push(userWait)
  if (setting.extensions.has('a')) body.push(userAtomics)
  for (let n = random.between(2, 6); n > 0; n--) code.append(random.pick(body)(setting))
  code.asm('ecall')
  return unprotect(code)
}

/** Machine mode that accesses data as user mode may. */
export function modifiedPrivilege(setting: Setting): Code {
  const { random } = setting
  const code = new Code()
  protect(code, setting)
  code.li(5, 0x1800).asm('csrrc', { rs1: 5, imm: csr.mstatus }).li(SCRATCH, 0x2_0000)
  const pointer = new Code()
  dataPointer(pointer, random, 8, 4)
  code.append(pointer)
  for (let n = random.between(1, 4); n > 0; n--) {
    // MPRV is set anew each time: QEMU forgets to drop its translations when mret changes MPP under MPRV (3.1.6.3).
    code.asm('csrrs', { rs1: SCRATCH, imm: csr.mstatus })
    code.asm(random.pick(['lw', 'sw', 'lb', 'sb']), { rd: 9, rs1: 8, rs2: 9, imm: random.between(-4, 30) * 4 })
    code.asm('csrrc', { rs1: SCRATCH, imm: csr.mstatus })
  }
  code.asm('addi', { rd: SCRATCH })
  return unprotect(code)
}

function unprotect(code: Code): Code {
  code.asm('csrrwi', { imm: PMPCFG }).asm('csrrwi', { imm: PMPCFG + 1 })
  return code.li(5, 0x22_0000).asm('csrrc', { rs1: 5, imm: csr.mstatus }).asm('csrrwi', { imm: csr.mcounteren })
}

/** Locks an entry over the data, and tries to change it: only a reset ends that, so it is the last unit of a batch. */
export function locked(setting: Setting): Code {
  const { random } = setting
  const code = new Code()
  protect(code, setting)
  const lock = [0, 1, 2, 3].reduce((word, i) => word | ((random.chance(0.4) ? 0x80 : 0) << (8 * i)), 0)
  code.li(5, lock).asm('csrrs', { rs1: 5, imm: PMPCFG }).asm('csrrwi', { imm: PMPCFG })
  for (let entry = 0; entry < 4; entry++) {
    code.li(5, random.word() & 0x3fff_ffff).asm('csrrw', { rs1: 5, imm: PMPADDR + entry })
    code.asm('csrrs', { rd: 10 + entry, imm: PMPADDR + entry })
  }
  code.asm('csrrs', { rd: 14, imm: PMPCFG })
  return code.append(memory(setting)).append(memory(setting))
}

function userControl({ random }: Setting): Code {
  const counter = random.pick([csr.cycle, csr.time, csr.instret, csr.cycleh, csr.timeh, csr.instreth])
  if (random.chance(0.6)) return new Code().asm('csrrs', { imm: counter })
  const row = random.pick(csrRows.filter(({ address }) => ((address >>> 8) & 3) === 3))
  return new Code().asm(random.pick(['csrrw', 'csrrs', 'csrrwi']), {
    rd: target(random),
    rs1: source(random),
    imm: row.address,
  })
}

/** Only where TW forbids it: elsewhere it would sleep for ever. */
function userWait(): Code {
  return new Code().asm('wfi')
}

/** No sc: one that fails for want of a reservation may or may not find its address denied. */
function userAtomics({ random }: Setting): Code {
  const code = new Code()
  dataPointer(code, random, 8, 4)
  return code.asm(random.pick(['lr.w', 'amoadd.w', 'amoxor.w']), { rd: 9, rs1: 8, rs2: 10 })
}

function userReturn(): Code {
  return new Code().asm('mret')
}

function environmentBreak(): Code {
  return new Code().asm('ebreak')
}
