import type { Parameter } from './layer.ts'

const meanDecay = 0.9
const squareDecay = 0.999
const epsilon = 1e-8

/** Adam (Kingma and Ba, 2015) with decoupled weight decay on weights, not on biases. */
export class Adam {
  readonly #moments: readonly { parameter: Parameter; mean: Float32Array; square: Float32Array }[]
  readonly #weightDecay: number
  #meanBias = 1
  #squareBias = 1

  constructor(parameters: readonly Parameter[], weightDecay: number) {
    this.#weightDecay = weightDecay
    this.#moments = parameters.map((parameter) => ({
      parameter,
      mean: new Float32Array(parameter.value.length),
      square: new Float32Array(parameter.value.length),
    }))
  }

  /** Moves every parameter against its gradient, summed over `images`, and clears the gradients. */
  step(rate: number, images: number): void {
    this.#meanBias *= meanDecay
    this.#squareBias *= squareDecay
    for (const { parameter, mean, square } of this.#moments) {
      const { value, gradient, fanIn } = parameter
      const decay = fanIn > 0 ? this.#weightDecay : 0
      for (let i = 0; i < value.length; i++) {
        const g = gradient[i]! / images
        mean[i] = meanDecay * mean[i]! + (1 - meanDecay) * g
        square[i] = squareDecay * square[i]! + (1 - squareDecay) * g * g
        const unbiasedMean = mean[i]! / (1 - this.#meanBias)
        const unbiasedSquare = square[i]! / (1 - this.#squareBias)
        value[i]! -= rate * (unbiasedMean / (Math.sqrt(unbiasedSquare) + epsilon) + decay * value[i]!)
      }
      gradient.fill(0)
    }
  }
}
