/**
 * TABLE: replaces every byte by an entry of a 256-byte table: any activation function of one variable.
 *
 * The table is copied from the weight scratchpad, `columns` bytes a cycle, into lanes / 4 look-up
 * memories with one port each. A copy for every lane would be 256 bytes of registers per lane, far
 * more area than the rest of the lane; a quarter keeps look-ups off the critical path of networks
 * that have few of them.
 */
import { address, firstZero, u32 } from '../../../sim/accel/description.ts'
import { command, SETUP_CYCLES, TABLE_ENTRIES } from '../parameters.ts'

const fields = {
  input: address('act', 'first input byte'),
  output: address('act', 'first output byte; may be the input'),
  count: u32('elements'),
  table: address('wgt', '256 bytes; entry i is the result for the value i - 128'),
} as const

export const table = command({
  opcode: 0x22,
  unit: 'compute',
  doc: 'look-up table over all values of a byte: any activation function',
  fields,
  check: (f) => firstZero(f, ['count']),
  touches: (f) => [
    { memory: 'act', access: 'read', field: 'input', start: f.input, bytes: f.count },
    { memory: 'wgt', access: 'read', field: 'table', start: f.table, bytes: TABLE_ENTRIES },
    { memory: 'act', access: 'write', field: 'output', start: f.output, bytes: f.count },
  ],
  cycles: (f, p) => ({
    cycles: SETUP_CYCLES + Math.ceil(TABLE_ENTRIES / p.columns) + Math.ceil(f.count / (p.lanes / 4)),
  }),
  execute(f, { memories }) {
    const act = memories.act!
    const wgt = memories.wgt!
    for (let i = 0; i < f.count; i++) act[f.output + i] = wgt[f.table + act[f.input + i]! + 128]!
    return undefined
  },
})
