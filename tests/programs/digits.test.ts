import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { importTflite } from '../../compiler/import/tflite/import-tflite.ts'
import { readNpy, samplesOf } from '../../compiler/io/npy.ts'
import { tensorOf } from '../../compiler/ir/graph.ts'
import { ReferenceInterpreter } from '../../compiler/reference/evaluate-graph.ts'

interface Manifest {
  readonly files: readonly { readonly file: string; readonly bytes: number; readonly sha256: string }[]
  readonly training: { readonly trainingDigits: number }
  readonly tolerance: { readonly maxAbsDiff: number; readonly labelsThatDiffer: number }
  readonly measured: Record<'testDigits' | 'heldBack', Comparison>
  readonly layers: readonly { readonly index: number; readonly op: string; readonly sha256: string }[]
}

interface Comparison {
  readonly digits: number
  readonly correct: { readonly reference: number; readonly tfjsTflite: number }
  readonly sameLabel: number
  readonly maxAbsDiff: number
}

const read = (file: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../programs/digits/${file}`, import.meta.url)))
const json = (file: string): unknown => JSON.parse(Buffer.from(read(file)).toString())
const rows = (file: string): Int8Array[] => {
  const probabilities = { name: 'probabilities', shape: [1, 10], dtype: 'int8' } as const
  return samplesOf(readNpy(read(file), file), probabilities, file) as Int8Array[]
}
const digest = (...parts: Uint8Array[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}
const argmax = (values: Int8Array): number => values.indexOf(Math.max(...values))

const manifest = json('manifest.json') as Manifest
const labels = json('labels.json') as number[]
const graph = importTflite(read('digits.tflite'), 'digits.tflite')

describe('the digits model', () => {
  it.each(manifest.files)('$file is the file that the manifest describes', ({ file, bytes, sha256 }) => {
    expect(read(file).length).toBe(bytes)
    expect(digest(read(file))).toBe(sha256)
  })

  it('is imported whole, with every kind of operator that the example promises', () => {
    const imported = graph.operators.map(({ origin }) => origin.op)
    expect(imported).toEqual(manifest.layers.map(({ op }) => op))
    const promised = ['CONV_2D', 'DEPTHWISE_CONV_2D', 'AVERAGE_POOL_2D', 'ADD', 'FULLY_CONNECTED', 'SOFTMAX']
    expect(imported).toEqual(expect.arrayContaining(promised))
  })

  it('quantises convolution weights per output channel, symmetrically', () => {
    for (const { kind, inputs } of graph.operators) {
      if (kind !== 'conv2d' && kind !== 'depthwiseConv2d') continue
      const weights = tensorOf(graph, inputs[1]!)
      const channels = weights.shape[weights.quantisation!.axis]!
      expect(weights.quantisation!.scales).toHaveLength(channels)
      expect(weights.quantisation!.zeroPoints.every((zeroPoint) => zeroPoint === 0)).toBe(true)
    }
  })

  it('recognises at least 98 % of the held-back digits after quantisation, in both implementations', () => {
    const { digits, correct } = manifest.measured.heldBack
    expect(digits + manifest.training.trainingDigits).toBe(10_000)
    expect(correct.reference / digits).toBeGreaterThanOrEqual(0.98)
    expect(Math.abs(correct.reference - correct.tfjsTflite) / digits).toBeLessThan(0.003)
  })
})

describe('the golden outputs of the test digits', () => {
  const interpreter = new ReferenceInterpreter(graph)
  const images = samplesOf(readNpy(read('inputs.npy'), 'inputs.npy'), tensorOf(graph, graph.inputs[0]!), 'inputs.npy')
  const outputs = rows('outputs.npy')
  const independent = rows('outputs_tfjs_tflite.npy')

  it('are two digits of every label', () => {
    expect(labels).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9])
    expect(new Set(images.map(String)).size).toBe(labels.length)
  })

  it('are what the reference interpreter computes, byte for byte', () => {
    expect(images.map((image) => interpreter.run([image])[0])).toEqual(outputs)
  })

  it('come from layers that all compute what was recorded', () => {
    const layers = manifest.layers.map((): Uint8Array[] => [])
    for (const image of images) {
      interpreter.run([image], (_, [output], index) => layers[index]!.push(new Uint8Array(output!.slice().buffer)))
    }
    expect(layers.map((parts) => digest(...parts))).toEqual(manifest.layers.map(({ sha256 }) => sha256))
  })

  it('show more than certainty: small errors of arithmetic change some of them', () => {
    const uncertain = outputs.filter((row) => Math.max(...row) < 64)
    expect(uncertain.length).toBeGreaterThanOrEqual(5)
  })

  it('are within the stated tolerance of an independent TFLite implementation, with the same labels', () => {
    const differences = outputs.flatMap((row, i) =>
      Array.from(row, (value, j) => Math.abs(value - independent[i]![j]!)),
    )
    expect(Math.max(...differences)).toBeLessThanOrEqual(manifest.tolerance.maxAbsDiff)
    expect(Math.max(...differences)).toBe(manifest.measured.testDigits.maxAbsDiff)
    expect(outputs.map(argmax)).toEqual(independent.map(argmax))
  })

  it('are right as often as the manifest says', () => {
    const correct = outputs.filter((row, i) => argmax(row) === labels[i])
    expect(correct).toHaveLength(manifest.measured.testDigits.correct.reference)
  })
})
