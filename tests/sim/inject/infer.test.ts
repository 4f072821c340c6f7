import { expect, it } from 'vitest'
import { findToolchain } from '../../../compiler/toolchain/find-toolchain.ts'
import { chooseAccelerator } from '../../../sim/cli/choose-accelerator.ts'
import { inferModel } from '../../../sim/cli/infer-model.ts'
import { asFailure, InferenceFailure } from '../../../sim/cli/inference-failure.ts'
import { machineFaults } from '../../../sim/cli/inject-options.ts'
import { parseFault } from '../../../sim/inject/parse.ts'
import { Sanitizer } from '../../../sim/sanitize/sanitizer.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { digitsModel } from '../../end-to-end/shared-models.ts'

/** Two images with faults, and the sanitizer looking on. */
const infer = (...specs: string[]) => inferUpTo(undefined, ...specs)

/** The same, each up to a cycle. */
async function inferUpTo(maxCycles: number | undefined, ...specs: string[]) {
  const { soc, target } = await chooseAccelerator(defaultSoc, 'cnn')
  const { bytes, name, inputs } = digitsModel()
  const sanitizer = new Sanitizer({ soc, accelerator: target!.description })
  const ends: number[] = []
  const { report } = await inferModel(bytes, name, {
    soc,
    target: target!,
    toolchain: findToolchain(),
    inputs: [{ name: 'inputs.npy', array: inputs }],
    expected: [],
    samples: 2,
    faults: { inject: specs.map(parseFault), seed: 1 },
    probes: () => [sanitizer, { ended: ({ cycles }) => ends.push(cycles) }],
    ...(maxCycles === undefined ? {} : { maxCycles }),
  })
  return { ...report, findings: sanitizer.findings, ends }
}

it('an inference whose interrupt comes late is right, only later, for every sample', async () => {
  const soon = await infer('drop-irq:source=11,nth=1000')
  const late = await infer('delay-irq:source=11,cycles=5000')
  expect(late).toMatchObject({ match: true, findings: [] })
  expect(late.cycles).toBeGreaterThan(soon.cycles + 4000)
  expect(late.injected).toEqual([
    expect.stringMatching(/^sample 0, cycle \d+: interrupt 11 is delayed by 5000 cycles$/),
    expect.stringMatching(/^sample 1, /),
  ])
})

it('an inference with flipped bits is told apart from a right one', async () => {
  const flips = Array.from({ length: 64 }, (_, i) => `flip:scratchpad=act,at=4000,byte=${i * 16},bit=6`)
  const { mismatches, injected } = await infer(...flips)
  expect(injected).toHaveLength(2 * flips.length)
  expect(mismatches).toBeGreaterThan(0)
})

it('an inference that a fault ends says which', async () => {
  await expect(infer('stuck:unit=compute,at=3000')).rejects.toThrow(
    /did not come to its end: the hart waits .*injected at cycle 3000: unit compute is stuck/,
  )
})

it('an inference that fails names its sample, and the faults of those before it', async () => {
  const late = 'delay-irq:source=11,cycles=10'
  const { ends } = await infer(late)
  expect(ends[1]).toBeGreaterThan(ends[0]!)
  const failure = await inferUpTo(ends[0]! + 1, late, 'drop-irq:source=11,nth=1000').catch(asFailure)
  if (!(failure instanceof InferenceFailure)) throw new Error('it has come to its end')
  expect(failure.render()).toMatch(/^\S+: sample 1: the inference did not come to its end: reached \d+ cycles; /)
  expect(failure).toMatchObject({ code: 'inference-failed', exitCode: 124, place: { at: 'sample 1' } })
  expect(failure.run).toMatchObject({
    result: { reason: 'limit', cycles: ends[0]! + 1 },
    injected: [expect.stringMatching(/^sample 0, cycle /), expect.stringMatching(/^sample 1, cycle /)],
    idleFaults: [1],
  })
})

it('a seed with nothing to draw is refused', async () => {
  await expect(machineFaults({ seed: 3 })).rejects.toThrow('--seed draws random faults, and none are to be injected')
  expect(await machineFaults({})).toEqual({})
})
