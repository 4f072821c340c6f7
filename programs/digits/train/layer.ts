import type { Shape } from './network.ts'

/** Trained numbers with the sum of their gradients over the images of a batch. */
export interface Parameter {
  readonly value: Float32Array
  readonly gradient: Float32Array
  /** How many inputs one output sums: sets the spread of the initial values; 0 for a bias, which starts at 0. */
  readonly fanIn: number
}

/** A layer that computes one image at a time into `output`, and sends `gradient` (of the loss by `output`) back to its sources. */
export interface Layer {
  readonly shape: Shape
  readonly output: Float32Array
  readonly gradient: Float32Array
  readonly parameters: readonly Parameter[]
  forward(): void
  backward(): void
}

const sizeOf = (shape: Shape): number => shape[0] * shape[1] * shape[2]

/** A parameter of zeros. */
export const parameter = (size: number, fanIn: number): Parameter => ({
  value: new Float32Array(size),
  gradient: new Float32Array(size),
  fanIn,
})

/** Shape and buffers that every layer has. */
export abstract class Base implements Layer {
  readonly shape: Shape
  readonly output: Float32Array
  readonly gradient: Float32Array
  readonly parameters: readonly Parameter[] = []

  constructor(shape: Shape) {
    this.shape = shape
    this.output = new Float32Array(sizeOf(shape))
    this.gradient = new Float32Array(sizeOf(shape))
  }

  abstract forward(): void
  abstract backward(): void

  protected applyRelu(): void {
    for (let i = 0; i < this.output.length; i++) if (this.output[i]! < 0) this.output[i] = 0
  }

  protected maskGradient(): void {
    for (let i = 0; i < this.output.length; i++) if (this.output[i] === 0) this.gradient[i] = 0
  }
}

/** The input: the trainer fills `output`. */
export class Image extends Base {
  forward(): void {}
  backward(): void {}
}
