import { requantise } from '../../sim/accel/requantise.ts'
import { PARAMETER_BYTES } from './parameters.ts'

/** What the output stage takes from the fields of a command. */
export interface OutputFields {
  /** Address of the requantisation parameters in `wgt`. */
  readonly parameters: number
  readonly outputZeroPoint: number
  readonly activationMin: number
  readonly activationMax: number
}

/** Behind the array: adds the bias, requantises per channel, adds the zero point, clamps and stores bytes. */
export class OutputStage {
  private channels = 0
  private bias = new Int32Array(0)
  private multiplier = new Int32Array(0)
  private shift = new Int32Array(0)
  private fields: OutputFields = { parameters: 0, outputZeroPoint: 0, activationMin: 0, activationMax: 0 }

  /** Reads the parameters of `channels` output channels; shifts saturate at -31 and 30. */
  configure(fields: OutputFields, channels: number, wgt: Int8Array): void {
    if (this.bias.length < channels) {
      this.bias = new Int32Array(channels)
      this.multiplier = new Int32Array(channels)
      this.shift = new Int32Array(channels)
    }
    this.fields = fields
    this.channels = channels
    const view = new DataView(wgt.buffer, wgt.byteOffset)
    for (let channel = 0; channel < channels; channel++) {
      const at = fields.parameters + channel * PARAMETER_BYTES
      this.bias[channel] = view.getInt32(at, true)
      this.multiplier[channel] = view.getInt32(at + 4, true)
      this.shift[channel] = Math.max(-31, Math.min(30, view.getInt32(at + 8, true)))
    }
  }

  /** Stores the results of one pixel, from the sums of all its channels. */
  store(sums: Int32Array, from: number, act: Int8Array, at: number): void {
    const { bias, multiplier, shift } = this
    const { outputZeroPoint, activationMin, activationMax } = this.fields
    for (let channel = 0; channel < this.channels; channel++) {
      const sum = (sums[from + channel]! + bias[channel]!) | 0
      const value = requantise(sum, multiplier[channel]!, shift[channel]!) + outputZeroPoint
      act[at + channel] = Math.max(activationMin, Math.min(activationMax, value))
    }
  }
}
