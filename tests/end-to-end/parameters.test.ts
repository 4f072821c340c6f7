import { describe, expect, it } from 'vitest'
import { compileModel } from '../../compiler/compile.ts'
import { samplesOf } from '../../compiler/io/npy.ts'
import { tensorOf } from '../../compiler/ir/graph.ts'
import { chooseAccelerator } from '../../sim/cli/choose-accelerator.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { parameterPoints } from './parameter-points.ts'
import { PlanRunner } from './run-plan.ts'
import { digitsModel, sharedModel } from './shared-models.ts'

/** First sample of the model on the accelerator with these parameters: whether it is right, and its cycles. */
async function run(model: ReturnType<typeof digitsModel>, settings: readonly string[]) {
  const { soc, target } = await chooseAccelerator(
    defaultSoc,
    'cnn',
    settings.map((setting) => `accelerator.${setting}`),
  )
  const compiled = compileModel(model.bytes, model.name, { soc, target: target! })
  const { graph, memory } = compiled
  const [input] = samplesOf(model.inputs, tensorOf(graph, graph.inputs[0]!), 'inputs')
  const [expected] = samplesOf(model.outputs, tensorOf(graph, graph.outputs[0]!), 'outputs')
  const runner = new PlanRunner(compiled)
  expect(runner.run([input!])).toEqual([expected])
  expect(memory.arena.bytes).toBeLessThanOrEqual(memory.arena.lowerBoundBytes * 1.02)
  return runner.cycles
}

describe.each(
  [digitsModel(), sharedModel('kws_dscnn'), sharedModel('mnist_resnet')].filter((model) => model !== undefined),
)('$name stays right', (model) => {
  it.each(parameterPoints)('with %s', async (point) => {
    expect(await run(model, [point])).toBeGreaterThan(0)
  })

  it('and gets faster with a larger array, slower with narrow memory', async () => {
    const base = await run(model, [])
    expect(await run(model, ['rows=32', 'columns=32'])).toBeLessThan(base)
    expect(await run(model, ['dmaBytesPerCycle=4', 'dmaLatency=100'])).toBeGreaterThan(base)
  })
})
