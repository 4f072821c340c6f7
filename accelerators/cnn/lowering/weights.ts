/** Weights and requantisation parameters in the order in which the array wants them. */
import type { OutputChannels } from '../../../compiler/ops/weights.ts'
import { at, type Location } from '../../../compiler/schedule/program.ts'
import { LOAD_MEMORIES } from '../commands/load.ts'
import { PARAMETER_BYTES } from '../parameters.ts'
import type { CnnWorkspace } from './frame.ts'

/** Reductions are cut at multiples of this: the array's rows are, too. */
export const REDUCTION_STEP = 4

export interface WeightBlock {
  /** Identifies the block within its layer. */
  readonly key: string
  readonly channels: { readonly start: number; readonly size: number }
  /** Weights of one output channel in this block. */
  readonly depth: number
  /** Weight `index` (kernel row, kernel column, input channel) of output channel `channel`. */
  readonly weight: (channel: number, index: number) => number
  readonly parameters: OutputChannels
}

/** Where a block of weights and its parameters lie in the weight scratchpad. */
export interface LoadedWeights {
  readonly weights: Location
  readonly parameters: Location
}

/** Brings a block of weights, followed by its parameters, into the weight scratchpad with one transfer. */
export function loadWeights(work: CnnWorkspace, block: WeightBlock, columns: number): LoadedWeights {
  return work.keep('weights', block.key, () => {
    const weightBytes = Math.ceil(block.channels.size / columns) * block.depth * columns
    const bytes = weightBytes + block.channels.size * PARAMETER_BYTES
    const scratch = work.buffer('wgt', bytes, 'weights', columns)
    const ram = work.constant(`weights ${block.key}`, bytes, () => packWeights(block, columns, bytes))
    work.emit('load', { ram, scratch, memory: LOAD_MEMORIES.indexOf('wgt'), bytes, rows: 1, planes: 1 }, 'weights')
    return { weights: scratch, parameters: at(scratch, weightBytes) }
  })
}

/** Blocks of `columns` channels, weight by weight, then {bias, multiplier, shift} of every channel. */
function packWeights(block: WeightBlock, columns: number, bytes: number): Uint8Array {
  const { channels, depth, weight, parameters } = block
  const packed = new Uint8Array(bytes)
  for (let channel = 0; channel < channels.size; channel++) {
    const first = Math.floor(channel / columns) * depth * columns + (channel % columns)
    for (let i = 0; i < depth; i++) packed[first + i * columns] = weight(channels.start + channel, i)
  }
  const view = new DataView(packed.buffer, bytes - channels.size * PARAMETER_BYTES)
  for (let channel = 0; channel < channels.size; channel++) {
    const from = channels.start + channel
    const values = [parameters.biases[from]!, parameters.multipliers[from]!, parameters.shifts[from]!]
    for (const [i, value] of values.entries()) view.setInt32(channel * PARAMETER_BYTES + i * 4, value, true)
  }
  return packed
}
