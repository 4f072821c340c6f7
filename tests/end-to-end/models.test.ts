import { describe, expect, it } from 'vitest'
import { compileModel } from '../../compiler/compile.ts'
import { samplesOf } from '../../compiler/io/npy.ts'
import { tensorOf } from '../../compiler/ir/graph.ts'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { chooseAccelerator } from '../../sim/cli/choose-accelerator.ts'
import { inferModel } from '../../sim/cli/infer-model.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { PlanRunner } from './run-plan.ts'
import { digitsModel, type GoldenModel, modelNames, sharedModel } from './shared-models.ts'

const models = [digitsModel(), ...modelNames.map((name) => sharedModel(name) ?? name)]
const name = (model: GoldenModel | string) => (typeof model === 'string' ? model : model.name)

/** Runs a model's real firmware: what `sim infer` does. */
async function infer(model: GoldenModel, accelerator: string, samples: number) {
  const { soc, target } = await chooseAccelerator(defaultSoc, accelerator)
  return inferModel(model.bytes, model.name, {
    soc,
    ...(target && { target }),
    toolchain: findToolchain(),
    inputs: [{ name: 'inputs.npy', array: model.inputs }],
    expected: [{ name: 'outputs.npy', array: model.outputs }],
    samples,
  })
}

describe.each(models.map((model) => [name(model), model] as const))('%s', (_, model) => {
  if (typeof model === 'string') {
    it.skip('needs the shared models beside the repository', () => {})
    return
  }

  it.each(['none', 'cnn'])('gives the expected bytes from firmware for %s', async (accelerator) => {
    const { report } = await infer(model, accelerator, 1)
    expect(report).toMatchObject({ samples: 1, match: true, mismatches: 0, maxAbsDiff: 0, checkedAgainst: 'expected' })
    const layerCycles = report.layers.reduce((sum, { cycles }) => sum + cycles, 0)
    expect(layerCycles).toBeLessThanOrEqual(report.cycles)
    expect(layerCycles).toBeGreaterThan(report.cycles * 0.9 - 400)
    expect(report.memory.stackBytes).toBeGreaterThan(32)
    expect(report.memory.stackBytes).toBeLessThan(2048)
  })

  it('runs the same commands right for every sample, and plans memory within 2 % of its bound', async () => {
    const { soc, target } = await chooseAccelerator(defaultSoc, 'cnn')
    const compiled = compileModel(model.bytes, model.name, { soc, target: target! })
    const { arena } = compiled.memory
    expect(arena.bytes).toBeLessThanOrEqual(arena.lowerBoundBytes * 1.02)
    const runner = new PlanRunner(compiled)
    const { graph } = compiled
    const inputs = samplesOf(model.inputs, tensorOf(graph, graph.inputs[0]!), 'inputs.npy')
    const expected = samplesOf(model.outputs, tensorOf(graph, graph.outputs[0]!), 'outputs.npy')
    for (const [i, input] of inputs.entries()) expect(runner.run([input]), `sample ${i}`).toEqual([expected[i]])
  })

  it('plans memory within 2 % of its bound for the CPU alone', () => {
    const { arena } = compileModel(model.bytes, model.name, { soc: defaultSoc }).memory
    expect(arena.bytes).toBeLessThanOrEqual(arena.lowerBoundBytes * 1.02)
  })
})

/** Cycles of one inference, everything included; the figures of a commercial NPU of the same size are 1.3 to 1.7 times these. */
const budgets = { ad_autoencoder: 25_000, kws_dscnn: 35_000, ic_resnet8: 75_000, vww_mobilenet_v1: 80_000 }

describe.each(Object.entries(budgets))('%s', (modelName, budget) => {
  const model = sharedModel(modelName)
  it.skipIf(model === undefined)(`takes fewer than ${budget} cycles, as predicted`, async () => {
    const { report } = await infer(model!, 'cnn', 1)
    expect(report.cycles).toBeLessThan(budget)
    const { soc, target } = await chooseAccelerator(defaultSoc, 'cnn')
    const { schedule } = compileModel(model!.bytes, modelName, { soc, target: target! })
    const simulated = report.layers
      .filter((layer) => layer.target === 'cnn')
      .reduce((sum, { cycles }) => sum + cycles, 0)
    const predicted = schedule!.layers.at(-1)!.finish
    expect(Math.abs(predicted / simulated - 1)).toBeLessThan(0.03)
  })
})
