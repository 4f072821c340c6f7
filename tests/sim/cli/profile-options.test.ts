import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildModel } from '../../../compiler/build-model.ts'
import { compileModel } from '../../../compiler/compile.ts'
import { findToolchain } from '../../../compiler/toolchain/find-toolchain.ts'
import { acceleratorFactories } from '../../../sim/cli/accelerator-factories.ts'
import { chooseAccelerator } from '../../../sim/cli/choose-accelerator.ts'
import { openProfile } from '../../../sim/cli/profile-options.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import { Machine } from '../../../sim/machine.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { digitsModel } from '../../end-to-end/shared-models.ts'

const { soc, target } = await chooseAccelerator(defaultSoc, 'cnn')

/** Runs the firmware of a network as `sim run --profile` does. */
async function profile(file: string | true) {
  const { bytes, name } = digitsModel()
  const image = await loadElf(
    await buildModel(compileModel(bytes, name, { soc, target: target! }), findToolchain()),
    name,
  )
  const open = (await openProfile({ profile: file }, soc, () => machine))!
  const machine: Machine = new Machine(soc, {
    accelerators: await acceleratorFactories(soc, 'fast'),
    probes: open.probes,
  })
  machine.load(image)
  const result = machine.run()
  return { result, ...(await open.finish()) }
}

test('without the option nothing is followed', async () => {
  expect(await openProfile({}, soc, () => new Machine(soc))).toBeUndefined()
})

test('tables show the program, and the network that its firmware describes', async () => {
  const { profile: found, text, result } = await profile(true)
  expect(found.cycles).toBe(result.cycles)
  expect(found.inference?.cycles).toBe(result.regions[0]!.cycles)
  expect(found.causes.accelerator).toBeGreaterThan(0)
  for (const part of [
    'Profile: ',
    'Cycles by cause',
    'model_invoke',
    'runtime-c/kernels/softmax_s8.c:',
    'What holds the layers up',
  ]) {
    expect(text).toContain(part)
  }
})

test('a named file gets everything as JSON, and no tables are shown', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'presilicon-test-'))
  try {
    const file = join(folder, 'profile.json')
    const { profile: found, text } = await profile(file)
    expect(text).toBeUndefined()
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(found)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
