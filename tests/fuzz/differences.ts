/**
 * Where this platform and QEMU 7.2 may differ, each with the section of the privileged ISA (20240411). What is not
 * listed here is compared bit for bit; what the generator leaves out says so where it does (docs/isa.md lists all).
 */
import { Decoder } from '../../sim/cpu/decoder.ts'
import { cause } from '../../sim/cpu/trap.ts'
import { STATUS } from './layout.ts'

const JAL = 0x6f
const BRANCH = 0x63
const AMO = 0x2f
const decoder = new Decoder(new Set(['i']))

export interface ControlRule {
  /** `value`: what is read back after a write. `exists`: only whether the register can be read. */
  readonly compare: 'value' | 'exists'
  /** Bits that are compared; all when absent. */
  readonly mask?: number
  /** Makes a random value one that both take in the same way; absent when any value is. */
  readonly legal?: (value: number) => number
  readonly why?: string
}

const exists = (why: string): ControlRule => ({ compare: 'exists', why })

/** MPP must be user or machine mode. */
function legalStatus(value: number): number {
  const mode = (value & 0x800) === 0 ? 0 : 0x1800
  return (value & STATUS & ~0x1808) | mode
}

/** Entries without the reserved W without R, without locks, with zero in the reserved bits. */
function legalEntries(word: number): number {
  const bytes = [0, 8, 16, 24].map((shift) => (word >>> shift) & 0x1f)
  return bytes.reduce((sum, byte, i) => sum | (((byte & 1) === 0 ? byte & ~2 : byte) << (8 * i)), 0)
}

const numbered = (name: string, first: number, last: number, rule: ControlRule) =>
  Array.from({ length: last - first + 1 }, (_, i) => [`${name}${first + i}`, rule] as const)

/** Rules by register; a register without one is only read. */
export const controlRules: ReadonlyMap<string, ControlRule> = new Map<string, ControlRule>([
  ['mvendorid', exists('3.1.2: any value')],
  ['marchid', exists('3.1.3: any value')],
  ['mimpid', exists('3.1.4: any value')],
  ['mhartid', { compare: 'value' }],
  ['mconfigptr', { compare: 'value' }],
  [
    'mstatus',
    {
      compare: 'value',
      mask: STATUS,
      legal: legalStatus,
      why: '3.1.6: QEMU keeps fields of modes it does not have; 3.1.6.1: WARL MPP keeps any value there',
    },
  ],
  [
    'misa',
    {
      compare: 'value',
      mask: ~2,
      legal: () => 0,
      why: '3.1.1: WARL, QEMU lets some extensions be turned on and off; B is bit 1 since it is ratified, after QEMU 7.2',
    },
  ],
  ['mie', { compare: 'value', mask: 0x888, why: '3.1.9: QEMU keeps bits of supervisor mode' }],
  ['mip', { compare: 'value', mask: 0x888, why: '3.1.9: QEMU keeps bits of supervisor mode' }],
  [
    'mtvec',
    {
      compare: 'value',
      legal: (value) => value & ~2,
      why: '3.1.7: WARL MODE; QEMU drops writes of reserved modes, this hart clears bit 1',
    },
  ],
  ['mscratch', { compare: 'value' }],
  [
    'mepc',
    {
      compare: 'value',
      legal: (value) => value & ~3,
      why: '3.1.14: bit 0, without C also bit 1, is zero; QEMU keeps both',
    },
  ],
  ['mcause', { compare: 'value' }],
  ['mtval', { compare: 'value' }],
  ['mcounteren', { compare: 'value', mask: 0x7ff, why: '3.1.11: WARL' }],
  ...numbered('mhpmcounter', 3, 10, { compare: 'value' }),
  ['mcountinhibit', { compare: 'value', mask: 0x7fd, why: '3.1.12: WARL' }],
  [
    'menvcfg',
    {
      compare: 'value',
      mask: ~0xf1,
      why: '3.1.18: FIOM may be read-only zero; the CB fields belong to extensions that are off, QEMU keeps them',
    },
  ],
  [
    'menvcfgh',
    { compare: 'value', mask: 0x3fff_ffff, why: '3.1.18: fields of extensions that are off, QEMU keeps them' },
  ],
  ['mstatush', { compare: 'value', mask: 0, why: '3.1.6.4: MBE' }],
  ...numbered('pmpcfg', 0, 3, {
    compare: 'value',
    legal: legalEntries,
    why: '3.7.1: R=0 W=1 is reserved; QEMU keeps it',
  }),
  ...numbered('pmpaddr', 0, 15, { compare: 'value' }),
])

const TRIGGERS = 0x7a0
/** 3.1.8: medeleg and mideleg should not exist without supervisor mode; QEMU has them. */
const DELEGATION: readonly number[] = [0x302, 0x303]

/** Control registers that QEMU has and this hart does not, or that QEMU has of another kind: triggers of the debugger. */
export function qemuHasControl(address: number): boolean {
  return DELEGATION.includes(address) || (address & 0xff0) === TRIGGERS
}

/** What the handler logs of a trap, and the word at mepc. */
export interface TrapEntry {
  readonly mcause: number
  readonly mepc: number
  readonly mtval: number
  readonly mstatus: number
  readonly instruction: number
}

/** Whether a field of the log may differ: QEMU's side of it only, and in one way. */
export function permitsTrap(field: keyof TrapEntry, ours: TrapEntry, theirs: TrapEntry): boolean {
  const opcode = ours.instruction & 0x7f
  if (field === 'mcause' && opcode === AMO && !isReserve(ours.instruction)) {
    // Table 14: an amo that is misaligned or denied has the cause of a store; QEMU gives it that of a load.
    const [here, there] = [ours.mcause, theirs.mcause]
    return (here === cause.storeMisaligned || here === cause.storeFault) && there === here - 2
  }
  if (field !== 'mtval') return false
  // 3.1.16: after ebreak mtval is 0 or its address.
  if (ours.mcause === cause.breakpoint) return ours.mtval === ours.mepc && theirs.mtval === 0
  // 3.1.16: after a jump to a misaligned address it is that address; QEMU leaves any pc there for jal and branches.
  if (ours.mcause !== cause.fetchMisaligned || (opcode !== JAL && opcode !== BRANCH)) return false
  const { imm } = decoder.decode(ours.instruction)!
  return ours.mtval === (ours.mepc + imm) >>> 0
}

function isReserve(instruction: number): boolean {
  return instruction >>> 27 === 2
}
