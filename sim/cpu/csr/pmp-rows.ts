/** pmpcfg0 to 3 and pmpaddr0 to 15 (privileged ISA 20240411, section 3.7.1). */
import { PMP_ENTRIES } from '../pmp.ts'
import type { CsrRow } from './row.ts'

const ENTRIES_PER_REGISTER = 4

const configs: CsrRow[] = Array.from({ length: PMP_ENTRIES / ENTRIES_PER_REGISTER }, (_, n) => ({
  address: 0x3a0 + n,
  name: `pmpcfg${n}`,
  doc: `Memory protection: entries ${n * ENTRIES_PER_REGISTER} to ${(n + 1) * ENTRIES_PER_REGISTER - 1}`,
  read: ({ pmp }) => pmp.readConfigs(n),
  write: ({ pmp }, value) => pmp.writeConfigs(n, value),
}))

const addresses: CsrRow[] = Array.from({ length: PMP_ENTRIES }, (_, n) => ({
  address: 0x3b0 + n,
  name: `pmpaddr${n}`,
  doc: `Memory protection: bits 33 to 2 of entry ${n}'s address`,
  read: ({ pmp }) => pmp.readAddress(n),
  write: ({ pmp }, value) => pmp.writeAddress(n, value),
}))

export const pmpRows: readonly CsrRow[] = [...configs, ...addresses]
