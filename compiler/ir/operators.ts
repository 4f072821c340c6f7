/** A size in two dimensions of an image: elements for a window, steps for a stride or a dilation. */
export interface Size2d {
  readonly height: number
  readonly width: number
}

/** Rows and columns of padding around an image; explicit, so that every framework's rule ends in the same four numbers. */
export interface Padding2d {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

/** The clamp that an operator applies to its result, in real numbers: max(0, x), min(6, max(0, x)), min(1, max(-1, x)). */
export type Activation = 'none' | 'relu' | 'relu6' | 'reluN1To1'

export interface ConvolutionAttributes {
  readonly stride: Size2d
  readonly dilation: Size2d
  readonly padding: Padding2d
  readonly activation: Activation
}

export interface PoolAttributes {
  readonly window: Size2d
  readonly stride: Size2d
  readonly padding: Padding2d
  readonly activation: Activation
}

interface Activated {
  readonly activation: Activation
}

type None = Readonly<Record<string, never>>

/**
 * Every operator of the canonical graph with its attributes. The order of its tensors is part of its meaning:
 * images are NHWC, `?` marks an input that may be missing (the list is then shorter).
 */
export interface OperatorAttributes {
  /** input, weights [outChannels, height, width, inChannels / groups], bias? [outChannels] */
  conv2d: ConvolutionAttributes
  /** input, weights [1, height, width, outChannels], bias? [outChannels]; multiplier = outChannels / inChannels */
  depthwiseConv2d: ConvolutionAttributes
  /** input (all but the last dimension are batch), weights [outChannels, inChannels], bias? [outChannels] */
  fullyConnected: Activated
  /** a, b of shapes that broadcast */
  add: Activated
  sub: Activated
  mul: Activated
  /** a, b of shapes that broadcast */
  maximum: None
  minimum: None
  /** input; padding never counts in the average */
  averagePool2d: PoolAttributes
  maxPool2d: PoolAttributes
  /** input; over the last dimension */
  softmax: { readonly beta: number }
  /** input; `axes` are sorted and not negative */
  mean: { readonly axes: readonly number[]; readonly keepDims: boolean }
  /** input; the same elements in another shape: every alias (reshape, squeeze, expand dims, flatten) */
  reshape: None
  /** input; another quantisation of the same real values */
  quantize: None
  /** input; per dimension the elements before and after it, filled with `value` (in the tensor's own integers) */
  pad: { readonly before: readonly number[]; readonly after: readonly number[]; readonly value: number }
  /** inputs in order; inputs that lack dimension `axis` count as 1 there (stacking) */
  concatenation: { readonly axis: number }
  /** input; one output per part, in order; outputs that lack dimension `axis` count as 1 there (unstacking) */
  split: { readonly axis: number }
  /** input; `size[d]` elements of dimension d, the first at `begin[d]`, `strides[d]` apart (never 0) */
  stridedSlice: {
    readonly begin: readonly number[]
    readonly size: readonly number[]
    readonly strides: readonly number[]
  }
  /** input; dimension d of the output is dimension permutation[d] of the input */
  transpose: { readonly permutation: readonly number[] }
  /** input */
  logistic: None
  tanh: None
  relu: None
  relu6: None
  leakyRelu: { readonly alpha: number }
  hardSwish: None
}

export type OperatorKind = keyof OperatorAttributes
