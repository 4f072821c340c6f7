/** Units that touch control registers. */
import { csr, csrRows } from '../../sim/cpu/csr/rows.ts'
import { Code } from './code.ts'
import { type ControlRule, controlRules, qemuHasControl } from './differences.ts'
import { type Setting, source, target } from './plain-units.ts'
import type { Random } from './random.ts'

/** Holds what was in a control register while a unit changes it. */
const KEPT = 4

const comparable = csrRows.filter(({ address }) => !qemuHasControl(address))

/** Reads a control register, writes it, reads it again through its mask, and puts back what was there. */
export function control({ random }: Setting): Code {
  const { name, address } = random.pick(comparable)
  const rule = controlRules.get(name)
  const code = new Code()
  const readOnly = address >>> 10 === 3
  if (readOnly && random.chance(0.3)) return code.asm('csrrw', { rd: 5, rs1: source(random), imm: address })
  if (rule === undefined || rule.compare === 'exists') {
    return code.asm(random.pick(['csrrs', 'csrrc', 'csrrsi', 'csrrci']), { imm: address })
  }
  if (readOnly) return code.asm('csrrs', { rd: target(random), imm: address })
  return modify(code, random, address, rule)
}

function modify(code: Code, random: Random, imm: number, rule: ControlRule): Code {
  const legal = rule.legal ?? ((value: number) => value)
  const rd = random.between(7, 28)
  const freely = rule.legal === undefined
  code.li(5, legal(random.value())).li(6, legal(random.value())).asm('csrrw', { rd: KEPT, rs1: 5, imm })
  if (freely && random.chance(0.5)) {
    code.asm(random.pick(['csrrwi', 'csrrsi', 'csrrci']), { rs1: random.below(32), imm })
  }
  code.asm(random.pick(freely ? ['csrrw', 'csrrs', 'csrrc'] : ['csrrw']), { rs1: 6, imm }).asm('csrrs', { rd, imm })
  if (rule.mask !== undefined) code.li(5, rule.mask).asm('and', { rd, rs1: rd, rs2: 5 })
  return code.setControl(imm, KEPT).asm('addi', { rd: KEPT })
}

const known = new Set(csrRows.map(({ address }) => address))

/** Registers that this hart does not have: of other modes, of custom space, anywhere. */
export function unknownControl({ random }: Setting): Code {
  const supervisor = [0x100, 0x105, 0x141, 0x180, 0x600, 0x302, 0x303]
  const imm = random.chance(0.3) ? random.pick(supervisor) : random.below(4096)
  if (known.has(imm) || qemuHasControl(imm)) return new Code()
  const name = random.pick(['csrrw', 'csrrs', 'csrrc', 'csrrwi', 'csrrsi', 'csrrci'])
  return new Code().asm(name, { rd: target(random), rs1: source(random), imm })
}

/** Stops the counters, writes them and finds what was written. */
export function stoppedCounters({ random }: Setting): Code {
  const imm = random.pick([csr.mcycle, csr.minstret, csr.mcycleh, csr.minstreth])
  const code = new Code().asm('csrrwi', { rs1: 5, imm: csr.mcountinhibit }).li(5, random.value()).setControl(imm, 5)
  code.asm('addi').asm('addi')
  return code.asm('csrrs', { rd: random.between(6, 28), imm }).setControl(csr.mcountinhibit, 0)
}
