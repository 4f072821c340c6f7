import { Base, type Layer } from './layer.ts'
import { windows } from './windows.ts'

/** The averages of windows of kernel x kernel pixels that lie side by side and fill the source. */
export class Average extends Base {
  readonly #source: Layer
  readonly #taps: number
  readonly #offsets: Int32Array

  constructor(source: Layer, kernel: number) {
    const { shape, offsets } = windows(source.shape, { kernel, stride: kernel })
    super([...shape, source.shape[2]])
    if (offsets.includes(-1)) throw new Error(`windows of ${kernel} x ${kernel} do not fill the feature map`)
    this.#source = source
    this.#taps = kernel ** 2
    this.#offsets = offsets
  }

  forward(): void {
    this.output.fill(0)
    this.#each((output, input) => {
      this.output[output]! += this.#source.output[input]! / this.#taps
    })
  }

  backward(): void {
    this.#each((output, input) => {
      this.#source.gradient[input]! += this.gradient[output]! / this.#taps
    })
  }

  #each(visit: (output: number, input: number) => void): void {
    const channels = this.shape[2]
    for (let i = 0; i < this.#offsets.length; i++) {
      for (let c = 0; c < channels; c++) visit(Math.floor(i / this.#taps) * channels + c, this.#offsets[i]! + c)
    }
  }
}
