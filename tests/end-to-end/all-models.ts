/**
 * `npm run test:models [name...]`: every sample of every shared model as real firmware, for the CPU alone
 * and for the accelerator, compared byte by byte. Prints the table and fails when anything differs.
 */
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { chooseAccelerator } from '../../sim/cli/choose-accelerator.ts'
import { inferModel } from '../../sim/cli/infer-model.ts'
import { textTable } from '../../sim/cli/text-table.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { digitsModel, type GoldenModel, modelNames, sharedModel } from './shared-models.ts'

async function infer(model: GoldenModel, accelerator: string) {
  const { soc, target } = await chooseAccelerator(defaultSoc, accelerator)
  const { report } = await inferModel(model.bytes, model.name, {
    soc,
    ...(target && { target }),
    toolchain: findToolchain(),
    inputs: [{ name: 'inputs.npy', array: model.inputs }],
    expected: [{ name: 'outputs.npy', array: model.outputs }],
  })
  return report
}

const wanted = process.argv.slice(2)
const models = [digitsModel(), ...modelNames.map(sharedModel)].filter((model) => model !== undefined)
const rows: (string | number)[][] = []
let failed = false
for (const model of models.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const cpu = await infer(model, 'none')
  const accelerated = await infer(model, 'cnn')
  const verdict = ({ match, mismatches }: typeof cpu) => (match ? 'equal' : `${mismatches} differ`)
  const { arenaBytes, arenaLowerBoundBytes } = accelerated.memory
  failed ||= !cpu.match || !accelerated.match
  rows.push([
    model.name,
    cpu.samples,
    verdict(cpu),
    verdict(accelerated),
    cpu.cycles,
    accelerated.cycles,
    Number((cpu.cycles / accelerated.cycles).toFixed(1)),
    arenaBytes,
    arenaLowerBoundBytes,
  ])
}
const header = ['model', 'samples', 'cpu', 'cnn', 'cpu cycles', 'cnn cycles', 'speed-up', 'arena', 'lower bound']
process.stdout.write(textTable([header, ...rows]))
process.exitCode = failed ? 1 : 0
