/** One command for each kind of layer of the networks that the accelerator is used for. */
type Fields = Readonly<Record<string, number>>
export interface Shape {
  readonly name: string
  readonly command: string
  readonly fields: Fields
}

const OUTPUT_AT = 128 * 1024
const PARAMETERS_AT = 252 * 1024
/** What the scratchpads must hold for the largest of them. */
export const scratchpads = { activationKiB: 256, weightKiB: 256 } as const
const clamp = { activationMin: -128, activationMax: 127 }

/** A window over a dense, padded tile. */
function window(
  inChannels: number,
  outChannels: number,
  out: number,
  kernel: readonly number[],
  stride: number,
): Fields {
  const [kernelHeight, kernelWidth] = kernel as [number, number]
  const width = (out - 1) * stride + kernelWidth
  return {
    ...{ outHeight: out, outWidth: out, kernelHeight, kernelWidth, strideHeight: stride, strideWidth: stride },
    ...{ dilationHeight: 1, dilationWidth: 1, inputPixelStride: inChannels, outputPixelStride: outChannels },
    ...{ inputRowStride: width * inChannels, outputRowStride: out * outChannels },
    ...{ output: OUTPUT_AT, parameters: PARAMETERS_AT, ...clamp },
  }
}

function conv(
  name: string,
  [inChannels, outChannels]: readonly [number, number],
  out: number,
  kernel: readonly number[],
  stride = 1,
) {
  return {
    name,
    command: 'conv',
    fields: { ...window(inChannels, outChannels, out, kernel, stride), inChannels, outChannels },
  }
}

function depthwise(name: string, channels: number, out: number, stride = 1) {
  return { name, command: 'depthwise', fields: { ...window(channels, channels, out, [3, 3], stride), channels } }
}

function fullyConnected(name: string, inputs: number, outputs: number, batch: number) {
  const strides = { inputStride: inputs, outputStride: outputs }
  const places = { output: OUTPUT_AT, parameters: PARAMETERS_AT }
  return { name, command: 'fullyConnected', fields: { inputs, outputs, batch, ...strides, ...places, ...clamp } }
}

const identity = { multiplier: 2 ** 30, shift: 1 }
const rescale = { multiplierA: 2 ** 30, multiplierB: 2 ** 30, multiplierOutput: 2 ** 30, shiftOutput: -17 }

export const shapes: readonly Shape[] = [
  conv('3x3, 16 to 16, 32x32 (ResNet8)', [16, 16], 32, [3, 3]),
  conv('3x3, 32 to 32, 16x16 (ResNet8)', [32, 32], 16, [3, 3]),
  conv('3x3, 64 to 64, 8x8 (ResNet8)', [64, 64], 8, [3, 3]),
  conv('3x3, 128 to 128, 16x16', [128, 128], 16, [3, 3]),
  conv('3x3 stride 2, 3 to 8, 48x48 (MobileNet)', [3, 8], 48, [3, 3], 2),
  conv('1x1, 64 to 64, 12x12 (MobileNet)', [64, 64], 12, [1, 1]),
  conv('1x1, 128 to 128, 6x6 (MobileNet)', [128, 128], 6, [1, 1]),
  conv('1x1, 256 to 256, 16x16', [256, 256], 16, [1, 1]),
  conv('10x4 stride 2, 1 to 64, 20x20 (DS-CNN)', [1, 64], 20, [10, 4], 2),
  depthwise('depthwise 3x3, 64, 12x12 (MobileNet)', 64, 12),
  depthwise('depthwise 3x3 stride 2, 32, 12x12 (MobileNet)', 32, 12, 2),
  depthwise('depthwise 3x3, 64, 24x24', 64, 24),
  fullyConnected('fully connected, 640 to 64 (autoencoder)', 640, 64, 1),
  fullyConnected('fully connected, 640 to 64, batch 16', 640, 64, 16),
]

/** Commands without multiplications: counted in elements. */
export const vectorShapes: readonly (Shape & { readonly elements: number })[] = [
  {
    name: 'add, 16,384 elements',
    command: 'elementwise',
    elements: 16384,
    fields: { a: 0, b: 32768, output: OUTPUT_AT, count: 16384, operation: 0, leftShift: 20, ...rescale, ...clamp },
  },
  ...[0, 1].map((kind) => ({
    name: `${kind === 0 ? 'maximum' : 'average'} 3x3, 64, 16x16`,
    command: 'pool',
    elements: 16 * 16 * 64 * 9,
    fields: { ...window(64, 64, 16, [3, 3], 1), channels: 64, inHeight: 18, inWidth: 18, kind, ...identity },
  })),
].map(({ fields, ...shape }) => {
  const { dilationHeight: _h, dilationWidth: _w, parameters: _p, ...own } = fields as Record<string, number>
  return { ...shape, fields: own }
})
