/**
 * `npm start`: the main job on a real network. Compiles the digits model for the CPU alone and for
 * the default accelerator, runs both firmwares on the simulated SoC on real test images, checks
 * every output byte against the golden outputs and shows where the cycles went.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import chalk from 'chalk'
import { readNpy } from '../../compiler/io/npy.ts'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { runtimeFolder } from '../../compiler/toolchain/runtime-sources.ts'
import { chooseAccelerator } from '../../sim/cli/choose-accelerator.ts'
import { formatReport } from '../../sim/cli/format-report.ts'
import { type InferResult, inferModel, type NamedArray } from '../../sim/cli/infer-model.ts'
import { reportFailure } from '../../sim/cli/report-failure.ts'
import { tolerateClosedPipe } from '../../sim/cli/tolerate-closed-pipe.ts'
import { defaultSoc } from '../../sim/soc/default.ts'

const folder = join(dirname(runtimeFolder()), 'programs', 'digits')
const read = (name: string) => readFileSync(join(folder, name))
const array = (name: string): NamedArray => ({ name, array: readNpy(read(name), name) })
const say = (text = '') => process.stdout.write(`${text}\n`)

/** The part of manifest.json that is shown: what `train/evaluate.ts` measured. */
interface Manifest {
  readonly measured: {
    readonly heldBack: { readonly digits: number; readonly correct: { readonly reference: number } }
  }
}

const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(2)} %`

/** Images whose highest score is the label's. */
function countCorrect({ outputs }: InferResult, labels: readonly number[]): number {
  const { data, shape } = outputs[0]!
  const classes = shape.at(-1)!
  const scores = (image: number) => [...data.slice(image * classes, (image + 1) * classes)].map(Number)
  return labels.filter((label, image) => scores(image).indexOf(Math.max(...scores(image))) === label).length
}

async function runOn(accelerator: string | undefined, labels: readonly number[]): Promise<InferResult> {
  const { soc, target } = await chooseAccelerator(defaultSoc, accelerator, [])
  const result = await inferModel(read('digits.tflite'), 'digits.tflite', {
    soc,
    toolchain: findToolchain(),
    inputs: [array('inputs.npy')],
    expected: [array('outputs.npy')],
    ...(target && { target }),
  })
  const { report } = result
  const verdict = report.match
    ? chalk.green('all output bytes equal the golden outputs')
    : chalk.red(`${report.mismatches} output bytes differ from the golden outputs`)
  say(chalk.bold(target ? `On the accelerator ${target.description.name} beside the CPU` : 'On the CPU alone'))
  say(`${report.samples} real digits, ${countCorrect(result, labels)} recognised; ${verdict}`)
  say(formatReport(report))
  return result
}

async function main(): Promise<void> {
  const labels = JSON.parse(read('labels.json').toString()) as number[]
  const { measured } = JSON.parse(read('manifest.json').toString()) as Manifest
  const { digits, correct } = measured.heldBack
  say(
    `programs/digits/digits.tflite: an int8 CNN, ${percent(correct.reference, digits)} of ${digits} held-back digits right`,
  )
  say(`compiled with ${findToolchain().version}, run on the simulated SoC\n`)
  const alone = await runOn('none', labels)
  const accelerated = await runOn(undefined, labels)
  const speedUp = alone.report.cycles / accelerated.report.cycles
  say(chalk.bold(`The accelerator makes the whole inference ${speedUp.toFixed(1)} times faster.`))
  say(`
What to try next:
  npx sim infer your-model.tflite --input your-images.npy          your own network
  npx sim infer programs/digits/digits.tflite --input programs/digits/inputs.npy --set accelerator.rows=8
                                                                    another accelerator
  npx sim build programs/digits/digits.tflite -o out               the generated C, commands and firmware
  npx sim --help                                                   everything else`)
  if (!alone.report.match || !accelerated.report.match) process.exitCode = 1
}

tolerateClosedPipe()
main().catch((error: unknown) => {
  process.exitCode = reportFailure(error)
})
