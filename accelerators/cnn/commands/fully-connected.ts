/**
 * FULLY CONNECTED: a matrix of weights times `batch` vectors; to the array a 1x1 convolution over a row
 * of `batch` pixels. With one vector every weight is used once and the weight port is the limit.
 */
import { address, type FieldValues, firstZero, flags, u16, u32 } from '../../../sim/accel/description.ts'
import { command, partialSums } from '../parameters.ts'
import { clampFields } from '../window.ts'
import { type ConvFields, conv } from './conv.ts'

const fields = {
  input: address('act', 'first input vector'),
  weights: address('wgt', 'weights: column block, input, then `columns` bytes'),
  parameters: address('wgt', 'per output {int32 bias, int32 multiplier, int32 shift}'),
  output: address('act', 'first output vector'),
  inputs: u32('length of an input vector'),
  inputStride: u32('bytes from one input vector to the next'),
  outputStride: u32('bytes from one output vector to the next'),
  outputs: u16('length of an output vector'),
  batch: u16('number of vectors'),
  ...clampFields,
  partial: flags(partialSums, 'for a reduction that is split over several commands of the same shape'),
} as const
export type FullyConnectedFields = FieldValues<typeof fields>

/** The convolution that the command stands for. */
export const asConv = (f: FullyConnectedFields): ConvFields => ({
  input: f.input,
  weights: f.weights,
  parameters: f.parameters,
  output: f.output,
  inputRowStride: 0,
  outputRowStride: 0,
  inputPixelStride: f.inputStride,
  outputPixelStride: f.outputStride,
  inChannels: f.inputs,
  outChannels: f.outputs,
  outHeight: 1,
  outWidth: f.batch,
  kernelHeight: 1,
  kernelWidth: 1,
  strideHeight: 1,
  strideWidth: 1,
  dilationHeight: 1,
  dilationWidth: 1,
  outputZeroPoint: f.outputZeroPoint,
  activationMin: f.activationMin,
  activationMax: f.activationMax,
  partial: f.partial,
})

export const fullyConnected = command({
  opcode: 0x12,
  unit: 'compute',
  doc: 'matrix times vectors with per-output requantisation and activation clamp',
  fields,
  check: (f, p) => firstZero(f, ['inputs', 'outputs', 'batch']) ?? conv.check(asConv(f), p),
  touches: (f, p) => conv.touches(asConv(f), p),
  cycles: (f, p) => conv.cycles(asConv(f), p),
  macs: (f) => f.inputs * f.outputs * f.batch,
  execute: (f, context) => conv.execute(asConv(f), context),
})
