/** Scale and zero point as TFLite defines them: real = scale * (integer - zeroPoint). Scales are float32 values. */
export interface Quantisation {
  readonly scales: readonly number[]
  readonly zeroPoint: number
  /** The dimension that has one scale per element; 0 when there is one scale for all. */
  readonly axis: number
}

export interface QuantisedTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly type: 'int8' | 'int32'
  readonly quantisation?: Quantisation
  /** The values of a constant. */
  readonly data?: Int8Array | Int32Array
}

export interface Window {
  readonly kernel: readonly [height: number, width: number]
  readonly stride: number
  readonly padding: 'same' | 'valid'
}

/** What an operator computes; named as in the TFLite schema, with its constants in `inputs` in the order of that format. */
export type OperatorOptions =
  | { readonly op: 'CONV_2D' | 'DEPTHWISE_CONV_2D'; readonly window: Window; readonly relu: boolean }
  | { readonly op: 'AVERAGE_POOL_2D'; readonly window: Window }
  | { readonly op: 'ADD'; readonly relu: boolean }
  | { readonly op: 'RESHAPE'; readonly shape: readonly number[] }
  | { readonly op: 'FULLY_CONNECTED' }
  | { readonly op: 'SOFTMAX' }

export interface QuantisedOperator {
  readonly options: OperatorOptions
  /** Indices of tensors. */
  readonly inputs: readonly number[]
  readonly output: number
}

/** An int8 network in execution order, ready to be written as a file. */
export interface QuantisedModel {
  readonly name: string
  readonly description: string
  readonly tensors: readonly QuantisedTensor[]
  readonly operators: readonly QuantisedOperator[]
  readonly input: number
  readonly output: number
}
