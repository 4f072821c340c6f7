/**
 * Units that are interrupted. Both sides keep their own time, so an interrupt is either pending before it is enabled,
 * and taken at one place, or it comes somewhere in a loop that leaves no trace of where.
 */
import { csr, MSTATUS_MIE, MSTATUS_MPIE, MSTATUS_MPP } from '../../sim/cpu/csr/rows.ts'
import { interrupt } from '../../sim/cpu/trap.ts'
import { Code } from './code.ts'
import { CLINT, COUNTER, MTIME, MTIMECMP, PLIC, PLIC_ENABLE, PLIC_THRESHOLD, UART, UART_SOURCE } from './layout.ts'
import { compute, forward, memory, retriedAdd, type Setting, stack } from './plain-units.ts'
import { closeMemory, enterUserMode, openMemory } from './protection-units.ts'
import type { Random } from './random.ts'

interface Line {
  readonly bit: number
  readonly raise: (code: Code, random: Random) => void
  readonly lower: (code: Code) => void
}

const PLIC_CLAIM = PLIC_THRESHOLD + 4
const TRANSMITTER_EMPTY = 2

const software: Line = {
  bit: interrupt.software,
  raise: (code) => code.li(5, CLINT).asm('addi', { rd: 6, imm: 1 }).asm('sw', { rs1: 5, rs2: 6 }),
  lower: (code) => code.li(5, CLINT).asm('sw', { rs1: 5 }),
}

const timer: Line = {
  bit: interrupt.timer,
  raise: (code) => code.li(5, MTIMECMP).asm('sw', { rs1: 5, imm: 4 }).asm('sw', { rs1: 5 }),
  lower: (code) => code.li(5, MTIMECMP).li(6, -1).asm('sw', { rs1: 5, rs2: 6, imm: 4 }),
}

const external: Line = {
  bit: interrupt.external,
  raise: (code, random) => {
    const priority = random.between(1, 7)
    code
      .li(5, PLIC)
      .asm('addi', { rd: 6, imm: priority })
      .asm('sw', { rs1: 5, rs2: 6, imm: UART_SOURCE * 4 })
    code
      .li(5, PLIC_ENABLE)
      .asm('addi', { rd: 6, imm: 1 << UART_SOURCE })
      .asm('sw', { rs1: 5, rs2: 6 })
    code
      .li(5, PLIC_THRESHOLD)
      .asm('addi', { rd: 6, imm: random.below(priority) })
      .asm('sw', { rs1: 5, rs2: 6 })
    code.li(5, UART).asm('addi', { rd: 6, imm: TRANSMITTER_EMPTY }).asm('sb', { rs1: 5, rs2: 6, imm: 1 })
  },
  lower: (code) => {
    code.li(5, PLIC_CLAIM).asm('lw', { rd: 7, rs1: 5 }).li(6, UART).asm('sb', { rs1: 6, imm: 1 })
    code.asm('sw', { rs1: 5, rs2: 7 }).li(5, PLIC_ENABLE).asm('sw', { rs1: 5 })
  },
}

const lines = [software, timer, external]
const combinations = [[software], [timer], [external], [software, timer], [timer, external], lines, []]

/** Raises some lines and enables some interrupts; those that are both are taken one after the other. */
export function interrupts(setting: Setting): Code {
  const { random } = setting
  const code = new Code().asm('csrrci', { rs1: MSTATUS_MIE, imm: csr.mstatus })
  const raised = random.pick(combinations)
  for (const line of raised) line.raise(code, random)
  const enabled = [...raised, ...lines].filter(() => random.chance(0.7))
  const expected = raised.filter((line) => enabled.includes(line))
  // QEMU takes the external interrupt after the others, not before (3.1.9): then it is the only one.
  const bits = expected.length > 1 && expected.includes(external) ? [external] : enabled
  code.li(
    6,
    bits.reduce((mask, { bit }) => mask | (1 << bit), 0),
  )
  code.asm('csrrs', { rd: 28, imm: csr.mip })
  const sleeps = expected.length > 0 && random.chance(0.3)
  random.pick([enableLast, enableFirst, enableByReturn, enableInUserMode])(code, setting, sleeps)
  code.append(compute({ ...setting, extensions: new Set(['i']) }, 3))
  for (const line of raised) line.lower(code)
  return disable(code.asm('csrrs', { rd: 27, imm: csr.mip }))
}

function disable(code: Code): Code {
  return code.asm('csrrci', { rs1: MSTATUS_MIE, imm: csr.mstatus }).setControl(csr.mie, 0)
}

function enableLast(code: Code, _: Setting, sleeps: boolean): void {
  code.setControl(csr.mie, 6)
  if (sleeps) code.asm('wfi')
  code.asm('csrrsi', { rs1: MSTATUS_MIE, imm: csr.mstatus })
}

function enableFirst(code: Code): void {
  code.asm('csrrsi', { rs1: MSTATUS_MIE, imm: csr.mstatus }).setControl(csr.mie, 6)
}

function enableByReturn(code: Code): void {
  code
    .setControl(csr.mie, 6)
    .li(5, MSTATUS_MPIE | MSTATUS_MPP)
    .asm('csrrs', { rs1: 5, imm: csr.mstatus })
  code.address(5, 16).setControl(csr.mepc, 5).asm('mret')
}

/** In user mode interrupts are always enabled. */
function enableInUserMode(code: Code, setting: Setting): void {
  code.setControl(csr.mie, 6)
  openMemory(code)
  enterUserMode(code)
  code.append(compute({ ...setting, extensions: new Set(['i']) }, 3)).asm('ecall')
  closeMemory(code)
}

/** Sets the timer to a little later, and enables its interrupt in mie. */
function setTimer(code: Code, ticks: number): void {
  code.asm('csrrci', { rs1: MSTATUS_MIE, imm: csr.mstatus }).li(5, MTIME).asm('lw', { rd: 6, rs1: 5 })
  code.asm('addi', { rd: 6, rs1: 6, imm: ticks }).li(5, MTIMECMP)
  code
    .asm('sw', { rs1: 5, rs2: 6 })
    .asm('sw', { rs1: 5, imm: 4 })
    .li(6, 1 << interrupt.timer)
    .setControl(csr.mie, 6)
  code.asm('addi', { rd: 5 })
}

function clearTimer(code: Code): Code {
  code.li(5, MTIMECMP).li(6, -1).asm('sw', { rs1: 5, rs2: 6, imm: 4 })
  return disable(code)
}

/** Sleeps or spins until a timer interrupt is pending, and then takes it. */
export function laterTimer({ random }: Setting): Code {
  const code = new Code()
  setTimer(code, random.between(1, 200))
  if (random.chance(0.5)) code.asm('wfi')
  else {
    code.asm('csrrs', { rd: 6, imm: csr.mip }).asm('andi', { rd: 6, rs1: 6, imm: 1 << interrupt.timer })
    code.asm('beq', { rs1: 6, imm: -8 })
  }
  return clearTimer(code.asm('csrrsi', { rs1: MSTATUS_MIE, imm: csr.mstatus }))
}

/** A loop that a timer interrupt comes into, wherever; then waits until it has come. */
export function preempted(setting: Setting): Code {
  const { random, extensions } = setting
  const kinds = [compute, memory, forward, stack, ...(extensions.has('a') ? [retriedAdd] : [])]
  const body = new Code()
  for (let n = random.between(1, 4); n > 0; n--) body.append(random.pick(kinds)(setting))
  const code = new Code()
  setTimer(code, random.between(0, 12))
  code.asm('addi', { rd: COUNTER, imm: random.between(20, 120) }).asm('csrrsi', { rs1: MSTATUS_MIE, imm: csr.mstatus })
  code.append(body).asm('addi', { rd: COUNTER, rs1: COUNTER, imm: -1 })
  code.asm('bne', { rs1: COUNTER, imm: -body.bytes - 4 })
  code.asm('csrrs', { rd: 5, imm: csr.mie }).asm('bne', { rs1: 5, imm: -4 })
  return clearTimer(code)
}
