import { commandsOf, type ParameterValues } from '../../sim/accel/description.ts'

const size = (unit: string, fallback: number, max: number, doc: string) => ({
  default: fallback,
  min: 1,
  max,
  unit,
  doc,
})

/** The design parameters of the accelerator; every one can be swept. */
export const parameters = {
  rows: size('MAC rows', 16, 128, 'input channels (or kernel taps) that the array takes per cycle'),
  columns: size('MAC columns', 16, 128, 'output channels that the array produces at once'),
  activationKiB: size('KiB', 64, 4096, 'activation scratchpad'),
  weightKiB: size('KiB', 64, 4096, 'scratchpad for weights, requantisation parameters and tables'),
  accumulatorKiB: size('KiB', 32, 1024, 'accumulators: int32, one vector of `columns` per output pixel, two banks'),
  lanes: size('elements/cycle', 16, 128, 'width of the vector unit: pooling, element-wise, copies'),
  dmaBytesPerCycle: { ...size('bytes/cycle', 16, 128, 'width of the RAM port'), multipleOf: 4 },
  dmaBurstBytes: { ...size('bytes', 256, 4096, 'longest burst; a row is split into bursts'), multipleOf: 4 },
  dmaLatency: { ...size('cycles', 8, 1000, 'from request to the first byte'), min: 0 },
  dmaChannels: size('bursts', 8, 64, 'bursts that one DMA unit keeps in flight to hide the latency'),
  queueDepth: size('commands', 8, 64, 'commands that wait in front of each unit'),
  clockDivider: size('SoC cycles', 1, 16, 'SoC clock cycles per accelerator cycle'),
} as const

export type CnnParameters = ParameterValues<typeof parameters>

/** Declares one command of this accelerator. */
export const command = commandsOf<CnnParameters>()

/** Cycles to decode a command and set up address generators. */
export const SETUP_CYCLES = 4
