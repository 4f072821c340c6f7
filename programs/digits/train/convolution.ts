import { type Matrix, matrix, multiplyAdd, transposed } from './gemm.ts'
import { Base, Image, type Layer, type Parameter, parameter } from './layer.ts'
import type { Filter } from './network.ts'
import { windows } from './windows.ts'

/** A dense convolution as a matrix product over gathered windows. Weights: [kernel y][kernel x][in channel][out channel]. */
export class Convolution extends Base {
  readonly weights: Parameter
  readonly bias: Parameter
  override readonly parameters: readonly Parameter[]
  readonly #source: Layer
  readonly #filter: Filter
  readonly #offsets: Int32Array
  readonly #patches: Float32Array
  readonly #patchGradient: Float32Array

  constructor(source: Layer, filter: Filter, channels: number) {
    const { shape, offsets } = windows(source.shape, filter)
    super([...shape, channels])
    const depth = filter.kernel ** 2 * source.shape[2]
    this.#source = source
    this.#filter = filter
    this.#offsets = offsets
    this.#patches = new Float32Array(shape[0] * shape[1] * depth)
    this.#patchGradient = new Float32Array(this.#patches.length)
    this.weights = parameter(depth * channels, depth)
    this.bias = parameter(channels, 0)
    this.parameters = [this.weights, this.bias]
  }

  forward(): void {
    const channels = this.shape[2]
    this.#gather()
    for (let i = 0; i < this.output.length; i += channels) this.output.set(this.bias.value, i)
    multiplyAdd(
      ...this.#sizes(),
      this.#rows(this.#patches),
      matrix(this.weights.value, channels),
      this.#pixels(this.output),
    )
    if (this.#filter.relu) this.applyRelu()
  }

  backward(): void {
    const channels = this.shape[2]
    const [pixels, , depth] = this.#sizes()
    if (this.#filter.relu) this.maskGradient()
    for (let i = 0; i < this.gradient.length; i++) this.bias.gradient[i % channels]! += this.gradient[i]!
    const gradient = this.#pixels(this.gradient)
    multiplyAdd(
      depth,
      channels,
      pixels,
      transposed(this.#rows(this.#patches)),
      gradient,
      matrix(this.weights.gradient, channels),
    )
    if (this.#source instanceof Image) return
    this.#patchGradient.fill(0)
    const weights = transposed(matrix(this.weights.value, channels))
    multiplyAdd(pixels, depth, channels, gradient, weights, this.#rows(this.#patchGradient))
    this.#scatter()
  }

  #sizes(): [pixels: number, channels: number, depth: number] {
    return [this.shape[0] * this.shape[1], this.shape[2], this.weights.fanIn]
  }

  #pixels(data: Float32Array): Matrix {
    return matrix(data, this.shape[2])
  }

  #rows(data: Float32Array): Matrix {
    return matrix(data, this.weights.fanIn)
  }

  #gather(): void {
    const input = this.#source.output
    const channels = this.#source.shape[2]
    this.#patches.fill(0)
    for (let i = 0; i < this.#offsets.length; i++) {
      const offset = this.#offsets[i]!
      if (offset < 0) continue
      for (let c = 0; c < channels; c++) this.#patches[i * channels + c] = input[offset + c]!
    }
  }

  #scatter(): void {
    const gradient = this.#source.gradient
    const channels = this.#source.shape[2]
    for (let i = 0; i < this.#offsets.length; i++) {
      const offset = this.#offsets[i]!
      if (offset < 0) continue
      for (let c = 0; c < channels; c++) gradient[offset + c]! += this.#patchGradient[i * channels + c]!
    }
  }
}
