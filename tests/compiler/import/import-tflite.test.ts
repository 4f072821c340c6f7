import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { tfliteOperators } from '../../../compiler/import/tflite/import-operators.ts'
import { importTflite } from '../../../compiler/import/tflite/import-tflite.ts'
import { UserError } from '../../../sim/diagnostic.ts'
import { sharedPath } from '../../shared.ts'
import { randomModel } from '../random-models.ts'
import { type FileModel, type FileOperator, type FileTensor, tfliteFile } from '../tflite-file.ts'

const act = (shape: readonly number[] = [1, 4, 4, 2], more: Partial<FileTensor> = {}): FileTensor => ({
  shape,
  scales: [0.5],
  zeroPoints: [1],
  name: 'act',
  ...more,
})
const weights = (more: Partial<FileTensor> = {}): FileTensor => ({
  shape: [3, 1, 1, 2],
  scales: [0.1, 0.2, 0.3],
  name: 'weights',
  data: Int8Array.of(1, 2, 3, 4, 5, 6),
  ...more,
})

/** A convolution of 1 x 1, or the same with something changed. */
function convolution(
  tensors: Partial<Record<'input' | 'weights' | 'bias' | 'output', FileTensor>> = {},
  operator: Partial<FileOperator> = {},
  model: Partial<FileModel> = {},
): Uint8Array {
  const bias: FileTensor = { shape: [3], type: 'INT32', data: Int32Array.of(1, 2, 3), name: 'bias' }
  const all = { input: act(), weights: weights(), bias, output: act([1, 4, 4, 3]), ...tensors }
  const fields = { strideH: 1, strideW: 1, padding: 1 }
  const conv: FileOperator = { op: 'CONV_2D', inputs: [0, 1, 2], outputs: [3], options: ['Conv2DOptions', fields] }
  return tfliteFile({
    tensors: Object.values(all),
    operators: [{ ...conv, ...operator }],
    inputs: [0],
    outputs: [3],
    ...model,
  })
}

/** The one sentence that a user reads. */
function refusal(bytes: Uint8Array): string {
  try {
    importTflite(bytes, 'net.tflite')
  } catch (error) {
    if (error instanceof UserError) return error.render()
    throw error
  }
  throw new Error('it was imported')
}

describe('importTflite', () => {
  it('makes a canonical operator: explicit padding, sizes and activation', () => {
    const fields = { strideH: 2, strideW: 1, padding: 0, dilationHFactor: 1, fusedActivationFunction: 3 }
    const bytes = convolution(
      { output: act([1, 2, 4, 3]), weights: weights({ shape: [3, 3, 3, 2], data: new Int8Array(54) }) },
      { options: ['Conv2DOptions', fields] },
    )
    const [operator] = importTflite(bytes, 'net.tflite').operators
    expect(operator).toEqual({
      kind: 'conv2d',
      attributes: {
        stride: { height: 2, width: 1 },
        dilation: { height: 1, width: 1 },
        padding: { top: 0, bottom: 1, left: 1, right: 1 },
        activation: 'relu6',
      },
      inputs: [0, 1, 2],
      outputs: [3],
      origin: { index: 0, op: 'CONV_2D' },
    })
  })

  it('reads operator codes of old files, which lack the newer field', () => {
    expect(importTflite(convolution({}, {}, { oldOpcodes: true }), 'net.tflite').operators).toHaveLength(1)
  })

  it('keeps only tensors that operators use, and where each came from', () => {
    const unused: FileTensor = { shape: [2], type: 'STRING', name: 'unused' }
    const tensors = [unused, act(), weights(), act([1, 4, 4, 3])]
    const bytes = convolution({}, { inputs: [1, 2, -1], outputs: [3] }, { tensors, inputs: [1], outputs: [3] })
    const graph = importTflite(bytes, 'net.tflite')
    expect(graph.tensors.map(({ id, origin, name }) => [id, origin, name])).toEqual([
      [0, 1, 'act'],
      [1, 2, 'weights'],
      [2, 3, 'act'],
    ])
    expect(graph.operators[0]!.inputs).toEqual([0, 1])
  })

  it('takes constant shapes, axes and paddings as attributes, not as tensors', () => {
    const { tensors } = importTflite(randomModel('PAD', 1).bytes, 'pad')
    expect(tensors.every(({ dtype }) => dtype === 'int8')).toBe(true)
  })

  it('skips what computes nothing but the shape of a RESHAPE', () => {
    const shape: FileTensor = { shape: [4], type: 'INT32' }
    const bytes = tfliteFile({
      tensors: [act([1, 2, 2, 3]), shape, act([1, 12])],
      operators: [
        { op: 'SHAPE', inputs: [0], outputs: [1] },
        { op: 'RESHAPE', inputs: [0, 1], outputs: [2] },
      ],
      inputs: [0],
      outputs: [2],
    })
    const { operators, tensors } = importTflite(bytes, 'net.tflite')
    expect(operators.map(({ origin }) => origin)).toEqual([{ index: 1, op: 'RESHAPE' }])
    expect(tensors).toHaveLength(2)
  })

  it('accepts a bias whose axis is that of its weights, as some converters write it', () => {
    const bias: FileTensor = { shape: [3], type: 'INT32', scales: [1, 2, 3], axis: 3, data: Int32Array.of(1, 2, 3) }
    expect(importTflite(convolution({ bias }), 'net.tflite').tensors[2]!.quantisation!.axis).toBe(0)
  })
})

describe('what cannot be compiled is refused by name, place and reason', () => {
  const cases: readonly (readonly [what: string, bytes: () => Uint8Array, sentence: RegExp])[] = [
    [
      'another file',
      () => new TextEncoder().encode('ELF or something else'),
      /^net.tflite: this is not a TFLite model; /,
    ],
    ['an empty file', () => new Uint8Array(), /this is not a TFLite model/],
    ['an old format', () => convolution({}, {}, { version: 2 }), /its format version is 2, not 3/],
    ['several subgraphs', () => convolution({}, {}, { subgraphs: 2 }), /it has 2 subgraphs, not one/],
    [
      'an unknown operator',
      () => convolution({}, { op: 'SVDF' }),
      /^net.tflite: operator 0: SVDF cannot be compiled: it is not supported; /,
    ],
    [
      'a custom operator',
      () => convolution({}, { op: 'CUSTOM:FlexErf' }),
      /operator 0: CUSTOM "FlexErf" cannot be compiled: it is not supported/,
    ],
    [
      'a float model',
      () => convolution({ input: act(undefined, { type: 'FLOAT32' }) }),
      /its input is float32, not int8/,
    ],
    ['an unknown type', () => convolution({ input: act([1], { type: 'FLOAT16' }) }), /tensor 0 "act": it is FLOAT16/],
    ['an open shape', () => convolution({ input: act([1, -1, 4, 2]) }), /its shape \[1, -1, 4, 2\] is not fixed/],
    ['an open height', () => convolution({ input: act(undefined, { signature: [-1, -1, 4, 2] }) }), /is not fixed/],
    [
      'a variable',
      () => convolution({ input: act(undefined, { variable: true }) }),
      /keeps its value between inferences/,
    ],
    ['a sparse tensor', () => convolution({ weights: weights({ sparse: true }) }), /tensor 1 "weights": it is sparse/],
    [
      'computed weights',
      () => convolution({ weights: act([3, 1, 1, 2]) }, {}, { inputs: [0, 1] }),
      /its weights are computed, not constant/,
    ],
    [
      'asymmetric weights',
      () => convolution({ weights: weights({ zeroPoints: [0, 1, 0] }) }),
      /a zero point other than 0/,
    ],
    [
      'too few scales',
      () => convolution({ weights: weights({ scales: [1, 2] }) }),
      /2 scales for 3 elements of dimension 0/,
    ],
    [
      'scales along inputs',
      () => convolution({ weights: weights({ scales: [1, 2], axis: 3 }) }),
      /2 scales along dimension 3, not 3 along 0/,
    ],
    ['a wrong output', () => convolution({ output: act([1, 4, 5, 3]) }), /its output has shape 1x4x5x3, not 1x4x4x3/],
    ['no stride', () => convolution({}, { options: ['Conv2DOptions', {}] }), /its stride is 0x0/],
    [
      'a fused tanh',
      () => convolution({}, { options: ['Conv2DOptions', { strideH: 1, strideW: 1, fusedActivationFunction: 4 }] }),
      /fused activation TANH/,
    ],
    [
      'other options',
      () => convolution({}, { options: ['AddOptions', { fusedActivationFunction: 1 }] }),
      /its options are not Conv2DOptions/,
    ],
    ['no input', () => convolution({}, { inputs: [] }), /its input is missing/],
    ['no scale', () => convolution({ output: { shape: [1, 4, 4, 3] } }), /its output has no quantisation/],
    ['scale zero', () => convolution({ output: act([1, 4, 4, 3], { scales: [0] }) }), /its output has scale 0/],
    [
      'infinite scale',
      () => convolution({ output: act([1, 4, 4, 3], { scales: [Infinity] }) }),
      /a scale that is no positive number/,
    ],
    [
      'zero point 300',
      () => convolution({ input: act(undefined, { zeroPoints: [300] }) }),
      /its zero point 300 is no int8 value/,
    ],
    [
      'sums over 32 bits',
      () => convolution({ bias: { shape: [3], type: 'INT32', data: Int32Array.of(0, 2 ** 31 - 1, 0) } }),
      /output channel 1 may not fit 32 bits/,
    ],
    [
      'scales far apart',
      () => convolution({ output: act([1, 4, 4, 3], { scales: [1e-30] }) }),
      /more than 32-bit arithmetic can hold/,
    ],
    [
      'data of another size',
      () => convolution({ weights: weights({ data: new Int8Array(5) }) }),
      /do not match the 5 bytes of its data/,
    ],
    ['a model without inputs', () => convolution({}, {}, { inputs: [] }), /it has no input or no output/],
    [
      'an unmade tensor',
      () => convolution({}, { inputs: [3, 1, 2] }),
      /it reads tensor 3 "act", which nothing makes before it/,
    ],
    [
      'a tensor made twice',
      () => convolution({}, { outputs: [3, 0] }),
      /it writes tensor 0 "act", which has its value already/,
    ],
    [
      'a float input',
      () => randomQuantize('FLOAT32'),
      /QUANTIZE cannot be compiled: its input is float32, not int8 or uint8/,
    ],
  ]

  it.each(cases)('%s', (_, bytes, sentence) => {
    const message = refusal(bytes())
    expect(message).toMatch(sentence)
    expect(message).not.toContain('\n')
  })

  it('names the first operator that cannot be compiled, and then the others', () => {
    const ops = ['RELU', 'SVDF', 'LSTM', 'RELU', 'EXP']
    const bytes = tfliteFile({
      tensors: [act(), ...ops.map(() => act())],
      operators: ops.map((op, i) => ({ op, inputs: [i], outputs: [i + 1] })),
      inputs: [0],
      outputs: [ops.length],
    })
    const nor = '(nor can operator 2 LSTM, operator 4 EXP)'
    expect(refusal(bytes)).toContain(`operator 1: SVDF cannot be compiled: it is not supported ${nor};`)
  })

  it('names the supported operators when it refuses another', () => {
    expect(refusal(convolution({}, { op: 'SVDF' }))).toContain(tfliteOperators.join(', '))
  })

  it.skipIf(sharedPath('models/tflite_float') === undefined)('real float models', () => {
    const file = sharedPath('models/tflite_float/mlperf_kws_dscnn_f32.tflite')!
    expect(refusal(readFileSync(file))).toMatch(/operator \d+: \w+ cannot be compiled: its input is float32, not int8/)
  })
})

function randomQuantize(type: 'FLOAT32'): Uint8Array {
  return tfliteFile({
    tensors: [{ shape: [4], type }, act([4])],
    operators: [{ op: 'QUANTIZE', inputs: [0], outputs: [1] }],
    inputs: [0],
    outputs: [1],
  })
}
