import { Base, type Layer, type Parameter, parameter } from './layer.ts'
import type { Filter } from './network.ts'
import { windows } from './windows.ts'

/** A depthwise convolution with one filter per channel. Weights: [kernel y][kernel x][channel]. */
export class Depthwise extends Base {
  readonly weights: Parameter
  readonly bias: Parameter
  override readonly parameters: readonly Parameter[]
  readonly #source: Layer
  readonly #filter: Filter
  readonly #offsets: Int32Array

  constructor(source: Layer, filter: Filter) {
    const { shape, offsets } = windows(source.shape, filter)
    super([...shape, source.shape[2]])
    this.#source = source
    this.#filter = filter
    this.#offsets = offsets
    this.weights = parameter(filter.kernel ** 2 * source.shape[2], filter.kernel ** 2)
    this.bias = parameter(source.shape[2], 0)
    this.parameters = [this.weights, this.bias]
  }

  forward(): void {
    const channels = this.shape[2]
    for (let i = 0; i < this.output.length; i += channels) this.output.set(this.bias.value, i)
    this.#eachTap((output, input, weight) => {
      for (let c = 0; c < channels; c++) {
        this.output[output + c]! += this.#source.output[input + c]! * this.weights.value[weight + c]!
      }
    })
    if (this.#filter.relu) this.applyRelu()
  }

  backward(): void {
    const channels = this.shape[2]
    if (this.#filter.relu) this.maskGradient()
    for (let i = 0; i < this.gradient.length; i++) this.bias.gradient[i % channels]! += this.gradient[i]!
    this.#eachTap((output, input, weight) => {
      for (let c = 0; c < channels; c++) {
        const gradient = this.gradient[output + c]!
        this.weights.gradient[weight + c]! += gradient * this.#source.output[input + c]!
        this.#source.gradient[input + c]! += gradient * this.weights.value[weight + c]!
      }
    })
  }

  #eachTap(visit: (output: number, input: number, weight: number) => void): void {
    const channels = this.shape[2]
    const taps = this.#filter.kernel ** 2
    for (let i = 0; i < this.#offsets.length; i++) {
      const offset = this.#offsets[i]!
      if (offset >= 0) visit(Math.floor(i / taps) * channels, offset, (i % taps) * channels)
    }
  }
}
