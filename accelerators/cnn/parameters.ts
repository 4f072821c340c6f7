import { commandsOf, type ParameterValues } from '../../sim/accel/description.ts'

const size = (unit: string, fallback: number, max: number, doc: string, step = 1) => ({
  default: fallback,
  min: step,
  max,
  multipleOf: step,
  unit,
  doc,
})

/** The design parameters of the accelerator; every one can be swept. */
export const parameters = {
  rows: size('MAC rows', 16, 128, 'input channels (or kernel taps) that the array takes per cycle', 4),
  columns: size('MAC columns', 16, 128, 'output channels that the array produces at once', 4),
  activationKiB: size('KiB', 64, 4096, 'activation scratchpad'),
  weightKiB: size('KiB', 64, 4096, 'scratchpad for weights, requantisation parameters and tables'),
  accumulatorKiB: size('KiB', 32, 1024, 'accumulators: one vector of `columns` int32 per output pixel'),
  lanes: size('elements/cycle', 16, 128, 'width of the vector unit: pooling, element-wise, look-ups, copies', 4),
  dmaBytesPerCycle: size('bytes/cycle', 16, 128, 'width of the RAM port', 4),
  dmaBurstBytes: size('bytes', 256, 4096, 'longest burst, rounded down to whole words of the RAM port', 4),
  dmaLatency: { ...size('cycles', 8, 1000, 'from a request to its first word'), min: 0 },
  dmaChannels: size('bursts', 8, 64, 'bursts that one DMA unit keeps in flight to hide the latency'),
  queueDepth: size('commands', 8, 64, 'commands that wait in front of each unit'),
  clockDivider: size('SoC cycles', 1, 16, 'SoC clock cycles per accelerator cycle'),
} as const

export type CnnParameters = ParameterValues<typeof parameters>

/** Declares one command of this accelerator. */
export const command = commandsOf<CnnParameters>()

/** Cycles to take a command from the queue, latch its fields and start the address generators. */
export const SETUP_CYCLES = 4
/** Depth of the requantiser's pipeline: bias, multiply (two stages), round and shift, zero point and clamp, pack and write. */
export const REQUANTISE_CYCLES = 6
/** Bits of `partial`: leave the sums in the accumulators and write no output; start from the sums left there. */
export const partialSums = { keepSums: 1, continueSums: 2 } as const

/** Vectors of `columns` sums that the accumulator memory holds. */
export const accumulatorVectors = (p: CnnParameters): number => Math.floor((p.accumulatorKiB * 1024) / (4 * p.columns))

/** Sums survive only until the next command that uses the array; a recognisable pattern takes their place. */
export const clobberAccumulators = (memories: Readonly<Record<string, Int8Array>>): void => {
  memories.acc!.fill(0x5a)
}

/** Bytes of requantisation parameters per output channel: int32 bias, Q31 multiplier, shift (left positive). */
export const PARAMETER_BYTES = 12
/** Entries of the look-up table of TABLE: one per value of a byte. */
export const TABLE_ENTRIES = 256
