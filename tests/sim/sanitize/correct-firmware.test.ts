import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { cnn } from '../../../accelerators/cnn/hardware.ts'
import type { Toolchain } from '../../../compiler/toolchain/toolchain.ts'
import { modelFactory } from '../../../sim/accel/attach.ts'
import { acceleratorViews } from '../../../sim/cli/accelerator-views.ts'
import { Sanitizer } from '../../../sim/sanitize/sanitizer.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { boot, build, installedToolchains } from '../../runtime-c/firmware.ts'

const folder = fileURLToPath(new URL('correct/', import.meta.url))
const read = (file: string) => readFileSync(folder + file, 'utf8')
const programs = readdirSync(folder).filter((file) => file.endsWith('.c'))
const assembly = Object.fromEntries(['switches.S', 'entries.S'].map((file) => [file, read(file)]))

async function load(toolchain: Toolchain, file: string, isa = defaultSoc.hart.isa) {
  const soc = { ...defaultSoc, hart: { ...defaultSoc.hart, isa } }
  const { header } = (await acceleratorViews(soc)).accelerator!
  const files = { ...assembly, 'main.c': read(file), 'accelerator.h': header }
  const sanitizer = new Sanitizer({ soc: defaultSoc, isa, accelerator: cnn })
  const elf = await build(toolchain, files, ['boot', 'hal', 'libc', 'accel'], soc)
  const machine = await boot(elf, { isa, accelerators: { cnn: modelFactory(cnn) }, probes: [sanitizer] })
  return { machine, sanitizer }
}

/** What the sanitizer must not mistake for a bug, as every compiler makes it. */
describe.each(installedToolchains)('firmware that is right, by $name', (toolchain) => {
  it.each(programs)('%s', async (file) => {
    const { machine, sanitizer } = await load(toolchain, file)
    const result = machine.run({ maxCycles: 2_000_000 })
    expect(sanitizer.finish(result)).toEqual([])
    expect(result).toMatchObject({ reason: 'exit', exitCode: 0 })
  })
})

it('knows nothing against code that was written before a snapshot', async () => {
  const { machine } = await load(installedToolchains[0]!, 'fresh-code.c')
  machine.run({ maxCycles: 1000 })
  const { machine: later, sanitizer } = await load(installedToolchains[0]!, 'fresh-code.c')
  later.restore(machine.save())
  const result = later.run({ maxCycles: 2_000_000 })
  expect(sanitizer.finish(result)).toEqual([])
  expect(result).toMatchObject({ reason: 'exit', exitCode: 0 })
})
