/**
 * The default accelerator, described once: a decoupled access/execute machine. Three units take
 * commands from one ring in RAM and run at the same time; they wait for one another through tokens.
 * Every constant of its timing is derived in README.md.
 */
import { defineAccelerator } from '../../sim/accel/description.ts'
import { ringRegisters } from '../../sim/accel/ring-registers.ts'
import { conv } from './commands/conv.ts'
import { copy } from './commands/copy.ts'
import { depthwise } from './commands/depthwise.ts'
import { elementwise } from './commands/elementwise.ts'
import { fence } from './commands/fence.ts'
import { fullyConnected } from './commands/fully-connected.ts'
import { load } from './commands/load.ts'
import { pool } from './commands/pool.ts'
import { store } from './commands/store.ts'
import { table } from './commands/table.ts'
import { parameters } from './parameters.ts'
import { fastEffects } from './simd/effects.ts'

const BYTES_PER_COMMAND = 64
const units = ['load', 'compute', 'store'] as const

export const cnn = defineAccelerator({
  name: 'cnn',
  doc: 'int8 CNN accelerator: weight-stationary MAC array, vector unit, load and store DMA, one command ring',
  parameters,
  memories: (p) => ({
    act: {
      bytes: p.activationKiB * 1024,
      portBytes: Math.max(p.rows, p.columns, p.lanes),
      banks: 2,
      doc: 'activations: the inputs and outputs of the compute unit',
    },
    wgt: {
      bytes: p.weightKiB * 1024,
      portBytes: p.columns,
      banks: 1,
      doc: 'weights, requantisation parameters, look-up tables',
    },
    acc: {
      bytes: p.accumulatorKiB * 1024,
      portBytes: 4 * p.columns,
      banks: 2,
      internal: true,
      doc: 'int32 sums of the output pixels that the array works on',
    },
  }),
  units,
  frontEnd: {
    kind: 'ring',
    bytesPerCommand: BYTES_PER_COMMAND,
    timing: (p) => ({
      clockDivider: p.clockDivider,
      queueDepth: p.queueDepth,
      fetch: { cycles: p.dmaLatency, busCycles: Math.ceil(BYTES_PER_COMMAND / p.dmaBytesPerCycle) },
      decodeCycles: 1,
    }),
  },
  registers: ringRegisters({ id: 0x434e_4e31, version: 0x0001_0000, units, parameters }),
  fast: fastEffects,
  commands: { load, store, conv, depthwise, fullyConnected, elementwise, pool, table, copy, fence },
})
