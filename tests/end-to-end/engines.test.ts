/** An inference is the same whatever runs it, and whatever ran before it on the same machine. */
import { expect, it } from 'vitest'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { chooseAccelerator } from '../../sim/cli/choose-accelerator.ts'
import { inferModel } from '../../sim/cli/infer-model.ts'
import type { Engine } from '../../sim/machine.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { digitsModel } from './shared-models.ts'

const { bytes, inputs, outputs } = digitsModel()
const size = inputs.data.length / inputs.shape[0]!

/** Reports on the samples of the golden model in this order. */
async function infer(engine: Engine, accelerator: string, order: readonly number[]) {
  const { soc, target } = await chooseAccelerator(defaultSoc, accelerator)
  const data = new Int8Array(order.flatMap((i) => [...(inputs.data as Int8Array).subarray(i * size, (i + 1) * size)]))
  const shape = [order.length, ...inputs.shape.slice(1)]
  const options = { soc, engine, toolchain: findToolchain(), inputs: [{ name: 'x.npy', array: { shape, data } }] }
  return inferModel(bytes, 'digits', { ...options, expected: [], ...(target && { target }) })
}

it.each(['none', 'cnn'])('runs alike in both engines, accelerator %s', async (accelerator) => {
  const [interpreted, translated] = [
    await infer('interpreter', accelerator, [0, 1]),
    await infer('translator', accelerator, [0, 1]),
  ]
  expect(translated).toEqual(interpreted)
  expect(interpreted.report.match).toBe(true)
})

it('leaves no trace of a sample in the next one', async () => {
  const alone = await infer('auto', 'cnn', [2])
  const after = await infer('auto', 'cnn', [7, 2, 2])
  const classes = outputs.shape[1]!
  const rows = [1, 2].map((i) => after.outputs[0]!.data.slice(i * classes, (i + 1) * classes))
  for (const row of rows) expect(row).toEqual(alone.outputs[0]!.data)
  // The sample with the median cycles is reported: one of the two equal ones, as long as nothing was left over.
  expect(after.report.memory).toEqual(alone.report.memory)
  expect(after.report.instructions).toBe(alone.report.instructions)
})
