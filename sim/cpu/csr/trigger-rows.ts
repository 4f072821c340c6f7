/** Registers of the debug triggers (debug specification 1.0, section 5.7). */
import type { CsrRow } from './row.ts'

export const triggerRows: readonly CsrRow[] = [
  {
    address: 0x7a0,
    name: 'tselect',
    doc: 'Trigger that the others show: 0 to 3',
    read: ({ triggers }) => triggers.select,
    write: ({ triggers }, value) => {
      triggers.select = value
    },
  },
  {
    address: 0x7a1,
    name: 'tdata1',
    doc: 'Trigger: type (2 mcontrol, 6 mcontrol6, 15 disabled), hit, size, match (0 equal, 1 NAPOT), modes, accesses',
    read: ({ triggers }) => triggers.data1,
    write: ({ triggers }, value) => {
      triggers.data1 = value
    },
  },
  {
    address: 0x7a2,
    name: 'tdata2',
    doc: 'Trigger: address',
    read: ({ triggers }) => triggers.data2,
    write: ({ triggers }, value) => {
      triggers.data2 = value
    },
  },
  { address: 0x7a4, name: 'tinfo', doc: 'Types that the trigger can have', read: ({ triggers }) => triggers.info },
  {
    address: 0x7a5,
    name: 'tcontrol',
    doc: 'Triggers in machine mode: enabled (mte), and before the trap (mpte)',
    read: ({ triggers }) => triggers.control,
    write: ({ triggers }, value) => {
      triggers.control = value
    },
  },
]
