import { describe, expect, it } from 'vitest'
import { compileModel } from '../../compiler/compile.ts'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { chooseAccelerator } from '../../sim/cli/choose-accelerator.ts'
import { type InferOptions, inferModel } from '../../sim/cli/infer-model.ts'
import { UserError } from '../../sim/diagnostic.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { digitsModel } from './shared-models.ts'

const model = digitsModel()

/** The sentence that a user reads; anything but a UserError fails the test. */
async function refusal(action: () => unknown): Promise<string> {
  try {
    await action()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const sentence = error.render()
    expect(sentence).not.toContain('\n')
    return sentence
  }
  throw new Error('it was not refused')
}

function infer(options: Partial<InferOptions>): Promise<unknown> {
  return inferModel(model.bytes, 'digits.tflite', {
    soc: defaultSoc,
    toolchain: findToolchain(),
    inputs: [{ name: 'in.npy', array: model.inputs }],
    expected: [],
    ...options,
  })
}

describe('bad input gets one sentence', () => {
  it('for arrays that do not fit the model', async () => {
    const images = { ...model.inputs, shape: [20, 28, 28] }
    expect(await refusal(() => infer({ inputs: [] }))).toBe(
      'digits.tflite: the model has 1 input, 0 are given; give one .npy file for each input',
    )
    expect(await refusal(() => infer({ inputs: [{ name: 'a.npy', array: images }] }))).toMatch(
      /^a\.npy: its shape is 20x28x28, /,
    )
    const floats = { shape: model.inputs.shape, data: new Float32Array(model.inputs.data.length) }
    expect(await refusal(() => infer({ inputs: [{ name: 'f.npy', array: floats }] }))).toMatch(
      /^f\.npy: it is float32, /,
    )
    const expected = [{ name: 'out.npy', array: model.outputs }]
    expect(await refusal(() => infer({ expected: [...expected, ...expected] }))).toBe(
      'digits.tflite: the model has 1 output, 2 are given; give one .npy file for each output',
    )
    const few = { name: 'few.npy', array: { shape: [5, 10], data: model.outputs.data.slice(0, 50) } }
    expect(await refusal(() => infer({ expected: [few] }))).toBe(
      'digits.tflite: 20 samples are asked for, 20 inputs and 5 expected outputs are there; ask for fewer samples',
    )
    expect(await refusal(() => infer({ samples: 1000 }))).toMatch(/^digits\.tflite: 1000 samples are asked for, /)
  })

  it('for accelerators and parameters that do not exist', async () => {
    expect(await refusal(() => chooseAccelerator(defaultSoc, 'tpu'))).toBe(
      'there is no accelerator tpu; choose one of cnn, none',
    )
    expect(await refusal(() => chooseAccelerator(defaultSoc, 'toString'))).toMatch(/^there is no accelerator toString/)
    expect(await refusal(() => chooseAccelerator(defaultSoc, 'cnn', ['rows=3']))).toMatch(/^rows=3 is no setting; /)
    expect(await refusal(() => chooseAccelerator(defaultSoc, 'none', ['accelerator.rows=32']))).toMatch(
      /no accelerator is used/,
    )
    for (const setting of ['accelerator.rows=5', 'accelerator.depth=8', 'accelerator.activationKiB=0'])
      expect(await refusal(() => compileFor([setting]))).toMatch(/rows = 5|no parameter depth|activationKiB = 0/)
    const without = {
      ...defaultSoc,
      name: 'bare',
      blocks: defaultSoc.blocks.filter(({ kind }) => kind !== 'accelerator'),
    }
    expect(await refusal(() => chooseAccelerator(without, 'cnn'))).toMatch(/^SoC bare has no accelerator; /)
    expect(await chooseAccelerator(without, undefined)).toMatchObject({ target: undefined })
  })

  it('for scratchpads that no tile fits', async () => {
    const sentence = await refusal(() =>
      compileFor(['accelerator.activationKiB=1', 'accelerator.weightKiB=1', 'accelerator.columns=128']),
    )
    expect(sentence).toMatch(
      /^digits\.tflite: operator \d+ \(\w+, makes .*\): not even the smallest tile fits the scratchpads of cnn/,
    )
    expect(sentence).toMatch(/; give it larger scratchpads or build with --accelerator none$/)
  })

  it('for a model that is larger than RAM', async () => {
    const blocks = defaultSoc.blocks.map((block) => (block.kind === 'ram' ? { ...block, size: 4096 } : block))
    const sentence = await refusal(() => compileModel(model.bytes, 'digits.tflite', { soc: { ...defaultSoc, blocks } }))
    expect(sentence).toMatch(
      /^digits\.tflite: activations take \d+ bytes and read-only data \d+ bytes, but RAM has 4096; /,
    )
  })
})

async function compileFor(settings: readonly string[]) {
  const { soc, target } = await chooseAccelerator(defaultSoc, 'cnn', settings)
  return compileModel(model.bytes, 'digits.tflite', { soc, target: target! })
}
