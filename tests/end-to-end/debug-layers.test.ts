import { describe, expect, it } from 'vitest'
import type { Pattern, Target, Workspace } from '../../compiler/target/target.ts'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { chooseAccelerator } from '../../sim/cli/choose-accelerator.ts'
import { inferModel } from '../../sim/cli/infer-model.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { digitsModel } from './shared-models.ts'

const model = digitsModel()

async function debug(change: (target: Target) => Target, settings: readonly string[] = []) {
  const { soc, target } = await chooseAccelerator(defaultSoc, 'cnn', settings)
  const { report } = await inferModel(model.bytes, model.name, {
    soc,
    target: change(target!),
    toolchain: findToolchain(),
    inputs: [{ name: 'inputs.npy', array: model.inputs }],
    expected: [{ name: 'outputs.npy', array: model.outputs }],
    samples: 2,
    debugLayers: true,
  })
  return report
}

/** A target with a bug: the first depthwise convolution clamps at 0 from its `from`-th command on. */
function broken(from: number): (target: Target) => Target {
  return (target) => {
    let layers = 0
    const breakPattern = (pattern: Pattern): Pattern => ({
      ...pattern,
      lowering: (match, hardware) => {
        const lowering = pattern.lowering(match, hardware)
        if (match.operators[0]!.kind !== 'depthwiseConv2d' || layers++ > 0) return lowering
        return {
          ...lowering,
          lower: (tile, work) => {
            const late = Object.values(tile).some(({ start }) => start >= from)
            lowering.lower(tile, late ? clamping(work) : work)
          },
        }
      },
    })
    return { ...target, patterns: target.patterns.map(breakPattern) }
  }
}

function clamping(work: Workspace): Workspace {
  const wrong = Object.create(work) as Workspace
  wrong.emit = (command, fields, note) =>
    work.emit(command, command === 'depthwise' ? { ...fields, activationMax: -120 } : fields, note)
  return wrong
}

describe('debugging layers', () => {
  it('finds nothing when there is nothing', async () => {
    const report = await debug((target) => target)
    expect(report).toMatchObject({ match: true, samples: 2 })
    expect(report.firstDifference).toBeUndefined()
  })

  it('names the first operator, tensor and element that differ', async () => {
    const { firstDifference, match } = await debug(broken(0))
    expect(match).toBe(false)
    expect(firstDifference).toMatchObject({ sample: 0, op: 'DEPTHWISE_CONV_2D', target: 'cnn', actual: -120 })
    expect(firstDifference!.expected).toBeGreaterThan(-120)
    expect(firstDifference!.element).toHaveLength(4)
  })

  it('names the tile, when only later ones are wrong', async () => {
    const { firstDifference } = await debug(broken(1), ['accelerator.activationKiB=4'])
    expect(firstDifference?.tile).toMatch(/^output: .*(rows|channels|columns) [1-9]/)
  })
})
