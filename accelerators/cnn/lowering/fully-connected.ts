import { kernelParameters, operatorMacs } from '../../../compiler/ops/index.ts'
import type { Hardware, Lowering, Match, Tile } from '../../../compiler/target/target.ts'
import { partialSums } from '../parameters.ts'
import { type CnnWorkspace, type Frame, frameAround, noPadding, outputBox, readBox, storeBox } from './frame.ts'
import { loadWeights, REDUCTION_STEP } from './weights.ts'

type Axes = 'batch' | 'outputs' | 'inputs'

/** One FULLY CONNECTED per tile: part of the vectors, of the outputs and of the inputs. */
export function lowerFullyConnected(
  { graph, operators: [operator] }: Match<'fullyConnected'>,
  { parameters }: Hardware,
): Lowering<Frame> {
  const p = kernelParameters(graph, operator!)
  const data = graph.tensors[operator!.inputs[1]!]!.data as Int8Array
  const axis = (name: Axes, size: number, step = 1) => ({ name, size, step })
  const shapeOf = (channels: number) => ({ images: 1, height: 1, width: p.rows, channels })
  const lower = (tile: Tile<Axes>, work: CnnWorkspace) => {
    const { batch, outputs, inputs } = tile
    const weights = loadWeights(
      work,
      {
        key: `outputs ${outputs.start}+${outputs.size} inputs ${inputs.start}+${inputs.size}`,
        channels: outputs,
        depth: inputs.size,
        weight: (channel, index) => data[channel * p.inputSize + inputs.start + index]!,
        parameters: p.channels,
      },
      parameters.columns!,
    )
    // Vectors are the pixels of one row: the same bytes.
    const row = { image: 0, rows: { start: 0, size: 1 }, columns: batch }
    const input = readBox(work, 0, shapeOf(p.inputSize), { ...row, channels: inputs }, 0)
    const window = { ...row, channels: outputs }
    const output = outputBox(work, shapeOf(p.outputSize), window)
    work.emit(
      'fullyConnected',
      {
        input: input.location,
        weights: weights.weights,
        parameters: weights.parameters,
        output: output.location,
        inputs: inputs.size,
        inputStride: input.pixelStride,
        outputStride: output.pixelStride,
        outputs: outputs.size,
        batch: batch.size,
        outputZeroPoint: p.range.zeroPoint,
        activationMin: p.range.min,
        activationMax: p.range.max,
        partial: (inputs.last ? 0 : partialSums.keepSums) | (inputs.first ? 0 : partialSums.continueSums),
      },
      'fully connected',
    )
    if (inputs.last) storeBox(work, output, shapeOf(p.outputSize), window)
  }
  return {
    inputs: [operator!.inputs[0]!],
    output: operator!.outputs[0]!,
    layouts: {
      inputs: [frameAround(shapeOf(p.inputSize), noPadding, 0)],
      output: frameAround(shapeOf(p.outputSize), noPadding, 0),
    },
    macs: operatorMacs(graph, operator!),
    axes: [
      axis('batch', p.rows),
      axis('outputs', p.outputSize, parameters.columns!),
      axis('inputs', p.inputSize, REDUCTION_STEP),
    ],
    orders: [
      ['outputs', 'batch', 'inputs'],
      ['batch', 'outputs', 'inputs'],
    ],
    lower,
  }
}
