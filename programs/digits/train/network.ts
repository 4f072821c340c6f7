/** A feature map in NHWC order with N = 1: height, width, channels. */
export type Shape = readonly [height: number, width: number, channels: number]

/**
 * One row of the network: what it computes and which earlier row it reads. Convolutions pad as SAME, an average takes
 * kernel x kernel windows side by side, a dense layer reads all pixels.
 */
export type LayerSpec = { readonly name: string } & (
  | { readonly op: 'image'; readonly shape: Shape }
  | { readonly op: 'conv'; readonly from: string; readonly filter: Filter; readonly channels: number }
  | { readonly op: 'depthwise'; readonly from: string; readonly filter: Filter }
  | { readonly op: 'add'; readonly from: string; readonly and: string }
  | { readonly op: 'average'; readonly from: string; readonly kernel: number }
  | { readonly op: 'dense'; readonly from: string; readonly channels: number }
)

/** The window of a convolution and whether a ReLU follows it. */
export interface Filter {
  readonly kernel: number
  readonly stride: number
  readonly relu: boolean
}

const relu = (kernel: number, stride: number): Filter => ({ kernel, stride, relu: true })

/**
 * The digits network: a MobileNet-like stem, one residual block of a dense 3 x 3 convolution and a classifier.
 * The additions of `join` are followed by a ReLU; the softmax belongs to the loss and is added when the model is quantised.
 */
export const digitsNetwork: readonly LayerSpec[] = [
  { name: 'image', op: 'image', shape: [28, 28, 1] },
  { name: 'stem', op: 'conv', from: 'image', filter: relu(3, 1), channels: 16 },
  { name: 'shrink14', op: 'depthwise', from: 'stem', filter: relu(3, 2) },
  { name: 'widen16', op: 'conv', from: 'shrink14', filter: relu(1, 1), channels: 16 },
  { name: 'shrink7', op: 'depthwise', from: 'widen16', filter: relu(3, 2) },
  { name: 'widen32', op: 'conv', from: 'shrink7', filter: relu(1, 1), channels: 32 },
  { name: 'residual', op: 'conv', from: 'widen32', filter: { kernel: 3, stride: 1, relu: false }, channels: 32 },
  { name: 'join', op: 'add', from: 'widen32', and: 'residual' },
  { name: 'features', op: 'conv', from: 'join', filter: relu(3, 2), channels: 64 },
  { name: 'pool', op: 'average', from: 'features', kernel: 2 },
  { name: 'logits', op: 'dense', from: 'pool', channels: 10 },
]
