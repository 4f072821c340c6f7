/** What the compiler has to know about the accelerator: which operators it takes, and where to find how. */
import { defineTarget, patternOf } from '../../compiler/target/target.ts'
import { cnn } from './hardware.ts'
import { acceptsConvolution, lowerConvolution } from './lowering/conv.ts'
import { acceptsDepthwise, acceptsMean, lowerDepthwise, lowerMean } from './lowering/depthwise.ts'
import { type Frame, mergeFrames } from './lowering/frame.ts'
import { lowerFullyConnected } from './lowering/fully-connected.ts'
import { acceptsBinary, lowerBinary, lowerTable, tableKinds } from './lowering/pointwise.ts'
import { acceptsPool, lowerPool } from './lowering/pool.ts'

const pattern = patternOf<Frame>()
const always = () => true as const

export const cnnTarget = defineTarget<Frame>({
  description: cnn,
  patterns: [
    pattern({ operators: ['conv2d'], accepts: acceptsConvolution, lowering: lowerConvolution }),
    pattern({ operators: ['depthwiseConv2d'], accepts: acceptsDepthwise, lowering: lowerDepthwise }),
    // Several outputs of each input channel: a convolution with a group for each channel.
    pattern({ operators: ['depthwiseConv2d'], accepts: acceptsConvolution, lowering: lowerConvolution }),
    pattern({ operators: ['fullyConnected'], accepts: always, lowering: lowerFullyConnected }),
    pattern({ operators: ['mean'], accepts: acceptsMean, lowering: lowerMean }),
    ...(['add', 'sub', 'mul'] as const).map((kind) =>
      pattern({ operators: [kind], accepts: acceptsBinary, lowering: lowerBinary }),
    ),
    ...(['averagePool2d', 'maxPool2d'] as const).map((kind) =>
      pattern({ operators: [kind], accepts: acceptsPool, lowering: lowerPool }),
    ),
    ...tableKinds.map((kind) => pattern({ operators: [kind], accepts: always, lowering: lowerTable })),
  ],
  merge: mergeFrames,
  fence: ({ sequence, interrupt, timestamp = 0 }) => ({
    name: 'fence',
    fields: { sequence, interrupt: interrupt ? 1 : 0, timestamp },
  }),
})
