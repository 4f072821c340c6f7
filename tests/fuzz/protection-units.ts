/** Units about user mode and memory protection. */
import { csr, csrRows, MSTATUS_MIE, MSTATUS_MPP, MSTATUS_MPRV, MSTATUS_TW } from '../../sim/cpu/csr/rows.ts'
import { PMP_ENTRIES } from '../../sim/cpu/pmp.ts'
import { Code } from './code.ts'
import { CONTEXT, DATA_BYTES, RECOVERY, RESULTS } from './layout.ts'
import { compute, dataPointer, forward, loop, memory, type Setting, source, stack, target } from './plain-units.ts'
import type { Random } from './random.ts'
import { accessFault, illegal, misalignedAtomic, NOWHERE } from './trap-units.ts'

const OFF = 0
const TOR = 0x08
const NA4 = 0x10
const NAPOT = 0x18
const LOCK = 0x80
const ALL = 7
/** Without the reserved combinations that permit writes but no reads. */
const PERMISSIONS = [0, 1, 3, 4, 5, ALL]
const PMPADDR = 0x3b0
const PMPCFG = 0x3a0
const CONFIG_REGISTERS = PMP_ENTRIES / 4
/** Entries that divide the data; two more follow, for the code and for the rest. */
const DATA_ENTRIES = 4
/** Where in the data a function stands that goes back to x30: at its end, where no unit writes. */
const LANDING = DATA_BYTES - 12
/** A place in the data where entries begin and end more often than elsewhere. */
const EDGE = 0x400

/** Everything is permitted to user mode. */
export function openMemory(code: Code): void {
  code
    .li(5, -1)
    .setControl(PMPADDR, 5)
    .asm('csrrwi', { rs1: NAPOT | ALL, imm: PMPCFG })
}

export function closeMemory(code: Code): void {
  for (let n = 0; n < CONFIG_REGISTERS; n++) code.setControl(PMPCFG + n, 0)
}

/** mret to the next instruction, in user mode. MPRV is clear: QEMU would keep it, against 3.1.6.1. */
export function enterUserMode(code: Code): void {
  code.li(5, MSTATUS_MPP).asm('csrrc', { rs1: 5, imm: csr.mstatus })
  code.address(5, 16).setControl(csr.mepc, 5).asm('mret')
}

/**
 * Sets up protection: random entries over the program's data, the code executable, the rest as it comes.
 *
 * @returns the number of the first entry that divides the data
 */
function protect(code: Code, { random }: Setting): number {
  const first = random.pick([0, 1, 2, 3, 6, 10])
  for (let entry = Math.max(first - 1, 0); entry < first + DATA_ENTRIES; entry++) {
    const word = random.pick([LANDING / 4, EDGE / 4, napotWord(random)])
    code
      .li(5, word - DATA_BYTES / 4)
      .asm('srli', { rd: 6, rs1: CONTEXT, imm: 2 })
      .asm('add', { rd: 5, rs1: 5, rs2: 6 })
    code.setControl(PMPADDR + entry, 5)
  }
  // The slot up to its data is NAPOT of 8 KiB: the epilogue and every unit.
  code.li(5, RESULTS).asm('sub', { rd: 5, rs1: CONTEXT, rs2: 5 }).asm('srli', { rd: 5, rs1: 5, imm: 2 })
  code.asm('ori', { rd: 5, rs1: 5, imm: 0x3ff }).setControl(PMPADDR + first + DATA_ENTRIES, 5)
  code.li(5, -1).setControl(PMPADDR + first + DATA_ENTRIES + 1, 5)
  const configs = new Uint8Array(PMP_ENTRIES)
  for (let n = 0; n < DATA_ENTRIES; n++) {
    // Entry 0 is no top of range: that would begin at address 0 and hold the code.
    const kinds = first + n === 0 ? [OFF, NA4, NAPOT] : [OFF, TOR, NA4, NAPOT]
    configs[first + n] = random.pick(kinds) | random.pick(PERMISSIONS)
  }
  configs[first + DATA_ENTRIES] = NAPOT | 5
  configs[first + DATA_ENTRIES + 1] = random.pick([OFF, NAPOT | 1, NAPOT | 3, NAPOT | ALL])
  const words = new Int32Array(configs.buffer)
  for (let n = 0; n < CONFIG_REGISTERS; n++) code.li(5, words[n]!).setControl(PMPCFG + n, 5)
  return first
}

/** A word of the data, as an address that stands for 512 bytes at most: not for what the handler needs. */
function napotWord(random: Random): number {
  return (random.below(DATA_BYTES / 4) & ~0x40) | random.pick([0, 0, 0, 1, 3, 7, 15, 31])
}

function unprotect(code: Code): Code {
  closeMemory(code)
  const changed = MSTATUS_MPRV | MSTATUS_TW
  return code.li(5, changed).asm('csrrc', { rs1: 5, imm: csr.mstatus }).setControl(csr.mcounteren, 0)
}

/** Some time in user mode: what is permitted, what is not, and back by a call. */
export function userMode(setting: Setting): Code {
  const { random, extensions } = setting
  const code = new Code()
  writeLanding(code)
  protect(code, setting)
  code.li(5, random.pick([0, 7, 1, 2, 4, 0x7ff, random.below(0x800)])).setControl(csr.mcounteren, 5)
  const waits = random.chance(0.5)
  if (waits) code.li(5, MSTATUS_TW).asm('csrrs', { rs1: 5, imm: csr.mstatus })
  if (random.chance(0.5)) code.asm('csrrsi', { rs1: MSTATUS_MIE, imm: csr.mstatus })
  enterUserMode(code)
  const body = [
    compute,
    memory,
    aroundEdge,
    aroundEdge,
    stack,
    forward,
    shortLoop,
    illegal,
    accessFault,
    userControl,
    userReturn,
    userBreak,
  ]
  if (waits) body.push(userWait)
  if (extensions.has('a')) body.push(userAtomics, misalignedAtomic)
  for (let n = random.between(2, 6); n > 0; n--) code.append(random.pick(body)(setting))
  // A failed fetch ends user mode.
  if (random.chance(0.5)) code.append(jumpToLanding())
  if (random.chance(0.3)) code.append(jumpNowhere(setting))
  return unprotect(code.asm('ecall'))
}

/** Machine mode that accesses data as user mode may. */
export function modifiedPrivilege(setting: Setting): Code {
  const { random, extensions } = setting
  const code = new Code()
  protect(code, setting)
  code.li(5, MSTATUS_MPP).asm('csrrc', { rs1: 5, imm: csr.mstatus }).li(7, MSTATUS_MPRV)
  dataPointer(code, random, 8, 4)
  const names = ['lw', 'sw', 'lb', 'sb', 'lhu', 'sh', ...(extensions.has('a') ? ['amoadd.w', 'lr.w'] : [])]
  for (let n = random.between(1, 4); n > 0; n--) {
    // MPRV is set anew each time: QEMU forgets to drop its translations when mret changes MPP under MPRV (3.1.6.3).
    code.asm('csrrs', { rs1: 7, imm: csr.mstatus })
    if (random.chance(0.3)) code.append(aroundEdge(setting, 1))
    else code.asm(random.pick(names), { rd: 9, rs1: 8, rs2: 9, imm: random.between(-4, 30) * 4 })
    code.asm('csrrc', { rs1: 7, imm: csr.mstatus })
  }
  return unprotect(code)
}

/** Locks entries over the data, and tries to change them: only a reset ends that, so it is the last unit of a batch. */
export function locked(setting: Setting): Code {
  const { random } = setting
  const code = new Code()
  writeLanding(code)
  const first = protect(code, setting)
  const config = PMPCFG + (first >> 2)
  const locks = new Uint8Array(PMP_ENTRIES)
  for (let n = 0; n < DATA_ENTRIES; n++) locks[first + n] = random.chance(0.5) ? LOCK : 0
  const words = new Int32Array(locks.buffer)
  for (let n = 0; n < CONFIG_REGISTERS; n++) code.li(5, words[n]!).asm('csrrs', { rs1: 5, imm: PMPCFG + n })
  code.asm('csrrs', { rd: 14, imm: config }).setControl(config, 0).asm('csrrs', { rd: 15, imm: config })
  for (let entry = first; entry < first + DATA_ENTRIES; entry++) {
    code.li(5, random.word() & 0x3fff_ffff).setControl(PMPADDR + entry, 5)
    code.asm('csrrs', { rd: 16 + entry - first, imm: PMPADDR + entry })
  }
  for (let n = random.between(2, 5); n > 0; n--)
    code.append(random.pick([memory, stack, aroundEdge, jumpToLanding])(setting))
  return code
}

/** Accesses across the edge or beside it. */
function aroundEdge({ random }: Setting, most = 4): Code {
  const code = new Code()
  for (let n = random.between(1, most); n > 0; n--) {
    const name = random.pick(['lb', 'lhu', 'lw', 'sb', 'sh', 'sw'])
    const imm = EDGE - DATA_BYTES + random.between(-4, 4)
    code.asm(name, { rd: random.between(9, 28), rs1: CONTEXT, rs2: source(random), imm })
  }
  return code
}

const shortLoop = (setting: Setting) => loop(setting, 4)

/** Writes the function. It lies in one word: QEMU would not check the second half of an instruction (3.7.1). */
function writeLanding(code: Code): void {
  const [low, high] = new Code().asm('jalr', { rs1: RECOVERY }).halves
  code
    .li(5, low! | (high! << 16))
    .asm('sw', { rs1: CONTEXT, rs2: 5, imm: LANDING - DATA_BYTES })
    .asm('fence.i')
}

function jumpToLanding(): Code {
  return new Code().address(RECOVERY, 12).asm('jalr', { rd: 1, rs1: CONTEXT, imm: LANDING - DATA_BYTES })
}

function jumpNowhere({ random }: Setting): Code {
  return new Code()
    .li(5, random.pick(NOWHERE) & ~3)
    .address(RECOVERY, 12)
    .asm('jalr', { rd: 1, rs1: 5 })
}

function userControl({ random }: Setting): Code {
  const counters = csrRows.filter(({ address }) => (address & ~0x9f) === csr.cycle)
  if (random.chance(0.6)) return new Code().asm('csrrs', { imm: random.pick(counters).address })
  const { address } = random.pick(csrRows.filter(({ address }) => ((address >>> 8) & 3) === 3))
  const name = random.pick(['csrrw', 'csrrs', 'csrrwi'])
  return new Code().asm(name, { rd: target(random), rs1: source(random), imm: address })
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

/** Not a call, which would end user mode. */
function userBreak(): Code {
  return new Code().asm('ebreak')
}

function userReturn(): Code {
  return new Code().asm('mret')
}
