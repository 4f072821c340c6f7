import { Base, type Layer } from './layer.ts'

/** The sum of two equal shapes, followed by a ReLU: the end of a residual block. */
export class Add extends Base {
  readonly #sources: readonly [Layer, Layer]

  constructor(first: Layer, second: Layer) {
    super(first.shape)
    this.#sources = [first, second]
  }

  forward(): void {
    const [first, second] = this.#sources
    for (let i = 0; i < this.output.length; i++) this.output[i] = first.output[i]! + second.output[i]!
    this.applyRelu()
  }

  backward(): void {
    this.maskGradient()
    for (const source of this.#sources) {
      for (let i = 0; i < this.gradient.length; i++) source.gradient[i]! += this.gradient[i]!
    }
  }
}
