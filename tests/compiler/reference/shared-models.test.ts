import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { importTflite } from '../../../compiler/import/tflite/import-tflite.ts'
import { readNpy, samplesOf } from '../../../compiler/io/npy.ts'
import type { TensorData } from '../../../compiler/ir/dtype.ts'
import { type Quantisation, tensorOf } from '../../../compiler/ir/graph.ts'
import { graphMacs } from '../../../compiler/ops/index.ts'
import { simplifyGraph } from '../../../compiler/passes/simplify-graph.ts'
import { ReferenceInterpreter } from '../../../compiler/reference/evaluate-graph.ts'
import { sharedPath } from '../../shared.ts'

interface Manifest {
  readonly macs: number
  readonly outputs: readonly { readonly file: string }[]
  readonly layers: { readonly digests: readonly { sample: number; op: number; bytes: number; sha256: string }[] }
}

const root = sharedPath('models/tflite')
const digest = (data: TensorData) => createHash('sha256').update(data).digest('hex').slice(0, 32)

/** Expected bytes and digests: TFLite Micro's reference kernels in their default configuration, run by somebody else. */
describe.skipIf(root === undefined)('the reference interpreter equals TFLite Micro bit for bit', () => {
  for (const name of root === undefined ? [] : readdirSync(root)) {
    const path = (file: string) => `${root}/${name}/${file}`
    const load = () => {
      const graph = importTflite(readFileSync(path('model.tflite')), name)
      const manifest: Manifest = JSON.parse(readFileSync(path('manifest.json'), 'utf8'))
      const input = tensorOf(graph, graph.inputs[0]!)
      const samples = samplesOf(readNpy(readFileSync(path('inputs.npy')), 'inputs.npy'), input, 'inputs.npy')
      return { graph, manifest, samples }
    }

    it(`${name}: every output of every sample, also of the simplified graph`, () => {
      const { graph, manifest, samples } = load()
      const expected = manifest.outputs.map(({ file }, i) => {
        const output = tensorOf(graph, graph.outputs[i]!)
        return samplesOf(readNpy(readFileSync(path(file)), file), output, file)
      })
      for (const interpreter of [new ReferenceInterpreter(graph), new ReferenceInterpreter(simplifyGraph(graph))]) {
        const outputs = samples.map((sample) => interpreter.run([sample]))
        for (const [i, samplesOfOutput] of expected.entries()) {
          expect(outputs.map((all) => all[i])).toEqual(samplesOfOutput)
        }
      }
    })

    it(`${name}: every operator's output of the samples that have digests, and the MACs`, () => {
      const { graph, manifest, samples } = load()
      expect(graphMacs(graph)).toBe(manifest.macs)
      const interpreter = new ReferenceInterpreter(graph)
      const { digests } = manifest.layers
      const computed: { sample: number; op: number; bytes: number; sha256: string }[] = []
      for (const sample of new Set(digests.map((layer) => layer.sample))) {
        interpreter.run([samples[sample]!], ({ origin }, [output]) => {
          computed.push({ sample, op: origin.index, bytes: output!.byteLength, sha256: digest(output!) })
        })
      }
      expect(computed).toEqual(digests.map(({ sample, op, bytes, sha256 }) => ({ sample, op, bytes, sha256 })))
    })
  }
})

const recordings = sharedPath('models/eval/ad01_recordings')

/** Scores that TFLite Micro gave for whole recordings: many windows, so many more inputs than the samples above. */
describe.skipIf(recordings === undefined)('anomaly scores of whole recordings', () => {
  it('equal the recorded ones for one normal and one anomalous machine', () => {
    const graph = importTflite(readFileSync(sharedPath('models/tflite/ad_autoencoder/model.tflite')!), 'ad')
    const { shape, data } = readNpy(readFileSync(`${recordings}/recordings.npy`), 'recordings.npy')
    const { tflm_score: scores } = JSON.parse(readFileSync(`${recordings}/manifest.json`, 'utf8'))
    const interpreter = new ReferenceInterpreter(graph)
    const [input, output] = [graph.inputs[0]!, graph.outputs[0]!].map((id) => tensorOf(graph, id).quantisation!)
    const real = (q: number, { scales, zeroPoints }: Quantisation) => scales[0]! * (q - zeroPoints[0]!)
    for (const recording of [0, 3]) {
      const length = shape[1]!
      const bytes = (data as Int8Array).subarray(recording * length, (recording + 1) * length)
      let [sum, windows] = [0, 0]
      for (let start = 0; start + 640 <= length; start += 128, windows++) {
        const window = bytes.slice(start, start + 640)
        const [reconstructed] = interpreter.run([window]) as [Int8Array]
        for (const [i, q] of window.entries()) sum += (real(q, input!) - real(reconstructed[i]!, output!)) ** 2
      }
      expect(sum / (windows * 640)).toBeCloseTo(scores[recording], 6)
    }
  })
})
