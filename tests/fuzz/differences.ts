/**
 * Where this platform and QEMU 7.2 may differ, each with the sections of the privileged ISA (20240411) that allow it.
 * What is not listed here is compared bit for bit.
 */
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
const STATUS = 0x22_1888

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
      mask: 0x4010_1105 | 0,
      legal: () => 0,
      why: '3.1.1: B is bit 1 since its ratification, after QEMU 7.2',
    },
  ],
  ['mie', { compare: 'value', mask: 0x888, why: '3.1.9: QEMU keeps bits of supervisor mode' }],
  [
    'mip',
    {
      compare: 'value',
      mask: 0x888,
      legal: (value) => value & 0x888,
      why: '3.1.9: QEMU keeps bits of supervisor mode',
    },
  ],
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
      why: '3.1.14: QEMU clears bit 1 when it is read, this hart when it is written',
    },
  ],
  ['mcause', { compare: 'value' }],
  ['mtval', { compare: 'value' }],
  ['mcounteren', { compare: 'value', mask: 0x7ff, why: '3.1.11: WARL' }],
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
