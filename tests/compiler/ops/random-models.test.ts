import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { tfliteOperators } from '../../../compiler/import/tflite/import-operators.ts'
import { importTflite } from '../../../compiler/import/tflite/import-tflite.ts'
import { simplifyGraph } from '../../../compiler/passes/simplify-graph.ts'
import { evaluateGraph } from '../../../compiler/reference/evaluate-graph.ts'
import { randomModel, randomOperators } from '../random-models.ts'

interface Independent {
  readonly models: number
  readonly digests: Readonly<Record<string, string>>
}

/** Independent: another implementation made the digests (`madeBy` says which), so a change is never to be recorded from ours. */
const independent: Independent = JSON.parse(readFileSync(new URL('tflite-micro.json', import.meta.url), 'utf8'))

describe('random models of one operator', () => {
  it('exist for every operator that can be imported', () => {
    expect([...randomOperators].sort()).toEqual(tfliteOperators)
    expect(Object.keys(independent.digests).sort()).toEqual(tfliteOperators)
  })

  it.each(tfliteOperators)('%s: all bytes equal TFLite Micro, also after simplification', (op) => {
    const digest = createHash('sha256')
    for (let index = 0; index < independent.models; index++) {
      const { bytes, inputs } = randomModel(op, index)
      const graph = importTflite(bytes, op)
      const outputs = evaluateGraph(graph, inputs)
      expect(evaluateGraph(simplifyGraph(graph), inputs)).toEqual(outputs)
      for (const output of outputs) digest.update(output)
    }
    expect(digest.digest('hex')).toBe(independent.digests[op])
  })
})
