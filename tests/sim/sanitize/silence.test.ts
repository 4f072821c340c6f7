import { describe, expect, it } from 'vitest'
import { buildProgram, canBuildHosted, programSoc } from '../../../programs/build.ts'
import { programs } from '../../../programs/programs.ts'
import { acceleratorFactories } from '../../../sim/cli/accelerator-factories.ts'
import { openSanitizer } from '../../../sim/cli/sanitize-options.ts'
import { ConsoleInput } from '../../../sim/console-input.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import { Machine } from '../../../sim/machine.ts'
import { digitsModel, sharedModel } from '../../end-to-end/shared-models.ts'
import { programInput } from '../../programs/firmware.ts'
import { installedToolchains } from '../../runtime-c/firmware.ts'
import { sanitizeModel } from './sanitize-model.ts'

/** The sanitizer has nothing to say about firmware that is right. */
describe('correct programs', () => {
  const hosted = canBuildHosted()
  if (!hosted)
    console.warn('programs with picolibc are skipped: riscv64-unknown-elf-gcc or its picolibc is not installed')
  it.each(programs.filter(({ picolibc }) => hosted || picolibc !== true))('$name', async (row) => {
    const soc = programSoc(row.name)
    const sanitizer = await openSanitizer('all', soc)
    const machine = new Machine(soc, {
      accelerators: await acceleratorFactories(soc),
      probes: [sanitizer!.probe],
      input: new ConsoleInput(programInput(row.name)),
    })
    machine.load(await loadElf(await buildProgram(row), row.name))
    const result = machine.run({ maxCycles: 5_000_000 })
    expect(result.reason).toBe('exit')
    expect(sanitizer!.probe.finish(result)).toEqual([])
  })
})

describe('generated firmware', () => {
  const small = ['hello_world', 'kws_dscnn', 'ic_resnet8'].map(sharedModel)
  const models = [digitsModel(), ...small].filter((model) => model !== undefined)
  it.each(models)('$name on the accelerator', async (model) => {
    const { findings, match } = await sanitizeModel(model, { accelerator: 'cnn' })
    expect({ findings, match }).toEqual({ findings: [], match: true })
  })

  // The campaign takes all of the parameters of the end-to-end tests, and all models.
  const points = [
    'rows=4',
    'activationKiB=4',
    'accumulatorKiB=1',
    'dmaLatency=200',
    'dmaChannels=1',
    'queueDepth=1',
    'clockDivider=3',
  ]
  it.each(points)('digits twice on an accelerator with %s', async (point) => {
    const options = { accelerator: 'cnn', parameters: [point], samples: 2 }
    const { findings, match } = await sanitizeModel(digitsModel(), options)
    expect({ findings, match }).toEqual({ findings: [], match: true })
  })

  it.each(installedToolchains)('digits by $name, on the accelerator and on the CPU', async ({ name: toolchain }) => {
    for (const accelerator of ['cnn', 'none']) {
      const { findings, match } = await sanitizeModel(digitsModel(), { accelerator, toolchain })
      expect({ findings, match }).toEqual({ findings: [], match: true })
    }
  })

  it('hello_world on the CPU', async (context) => {
    const model = sharedModel('hello_world')
    if (model === undefined) return context.skip('the shared models are not there')
    const { findings, match } = await sanitizeModel(model, { accelerator: 'none' })
    expect({ findings, match }).toEqual({ findings: [], match: true })
  })
})
