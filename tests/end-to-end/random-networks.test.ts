import { describe, expect, it } from 'vitest'
import { compileModel } from '../../compiler/compile.ts'
import { evaluateGraph } from '../../compiler/reference/evaluate-graph.ts'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { chooseAccelerator } from '../../sim/cli/choose-accelerator.ts'
import { openSession } from '../../sim/cli/open-session.ts'
import { UserError } from '../../sim/diagnostic.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { randomModel, randomOperators } from '../compiler/random-models.ts'
import { Random } from '../runtime-c/random.ts'
import { randomNetwork } from './random-network.ts'
import { PlanRunner } from './run-plan.ts'

const NETWORKS = 60

/** Another accelerator for every seed: small scratchpads, odd shapes, slow or wide memory. */
function randomSettings(seed: number): string[] {
  const r = new Random(seed)
  const values = {
    rows: r.pick([4, 8, 16, 32]),
    columns: r.pick([4, 8, 16, 32]),
    activationKiB: r.pick([2, 4, 8, 16, 64]),
    weightKiB: r.pick([2, 4, 8, 64]),
    accumulatorKiB: r.pick([1, 2, 32]),
    lanes: r.pick([4, 16, 64]),
    dmaBytesPerCycle: r.pick([4, 16, 64]),
    dmaLatency: r.pick([0, 8, 100]),
    queueDepth: r.pick([1, 2, 8]),
  }
  return Object.entries(values).map(([parameter, value]) => `accelerator.${parameter}=${value}`)
}

/** Compiles, runs and compares; false when even the smallest tile is too large for the accelerator. */
async function agrees(bytes: Uint8Array, inputs: PlanInputs, name: string, settings: string[], keepAll = false) {
  const { soc, target } = await chooseAccelerator(defaultSoc, 'cnn', settings)
  try {
    const model = compileModel(bytes, name, { soc, target: target!, keepAll })
    expect(new PlanRunner(model).run(inputs), `${name} with ${settings.join(' ')}`).toEqual(
      evaluateGraph(model.graph, inputs),
    )
    return true
  } catch (error) {
    if (error instanceof UserError && error.code === 'no-tile-fits') return false
    throw error
  }
}
type PlanInputs = Parameters<PlanRunner['run']>[0]

describe('random networks', () => {
  it('equal the reference on the default accelerator', async () => {
    for (let i = 0; i < NETWORKS; i++) {
      const { bytes, input, operators } = randomNetwork(i)
      expect(await agrees(bytes, [input], `network ${i}: ${operators}`, [])).toBe(true)
    }
  })

  it('equal the reference on random accelerators, with every result kept now and then', async () => {
    let ran = 0
    for (let i = NETWORKS; i < 2 * NETWORKS; i++) {
      const { bytes, input, operators } = randomNetwork(i)
      ran += Number(await agrees(bytes, [input], `network ${i}: ${operators}`, randomSettings(i), i % 5 === 0))
    }
    expect(ran).toBeGreaterThan(0.9 * NETWORKS)
  })

  it.each(['none', 'cnn'])('equal the reference from firmware for %s', async (accelerator) => {
    for (let i = 200; i < 204; i++) {
      const { bytes, input, operators } = randomNetwork(i)
      const { soc, target } = await chooseAccelerator(defaultSoc, accelerator)
      const session = await openSession(bytes, operators, {
        soc,
        toolchain: findToolchain(),
        ...(target && { target }),
      })
      expect(session.run([input]).outputs, operators).toEqual(evaluateGraph(session.model.graph, [input]))
    }
  })
})

describe.each(randomOperators)('%s alone', (operator) => {
  it('equals the reference wherever it runs, on random accelerators', async () => {
    for (let i = 0; i < 8; i++) {
      const { bytes, inputs } = randomModel(operator, i)
      await agrees(bytes, inputs, `${operator} ${i}`, i % 2 === 0 ? [] : randomSettings(i))
    }
  })
})
