import { type Command, InvalidArgumentError, Option } from 'commander'
import { UserError } from '../diagnostic.ts'
import type { ReportData } from '../report/report-data.ts'
import { exitCodesHelp } from './exit-codes.ts'
import { readInput } from './read-input.ts'
import { type FirmwareOptions, reportFirmware } from './report-firmware.ts'
import { reportTrace } from './report-trace.ts'
import { writeReport } from './write-report.ts'

interface Options extends FirmwareOptions {
  readonly output: string
  readonly json?: boolean
}

const HELP = `
Example:
  sim report firmware.elf --output report.html
  sim run firmware.elf --trace=run.simtrace; sim report run.simtrace
  sim infer model.tflite --input images.npy --report data.json
  sim report data.json --output report.html

Shows what the hart, the accelerator and its memories did: a page that works by itself, without a
network. Firmware runs once more for it; a .simtrace file is a run that was recorded, with whatever
options; a .json file is the data of a report, as --json and 'sim infer --report FILE.json' give it.
A network is shown in its inference, other firmware in the first region of interest that it marks,
or from reset to its end.
`

/** Adds arguments, options and action of `sim report`. */
export function register(command: Command): void {
  command
    .argument('<file>', 'firmware (ELF), a recorded run (.simtrace), or the data of a report (.json)')
    .addOption(new Option('-o, --output <file>', 'where the page goes').default('report.html').conflicts('json'))
    .option('--soc <name|file>', 'the SoC: a name, or a JSON file with its description', 'default')
    .option('--isa <isa>', "instruction set, e.g. rv32imc; default: the SoC's")
    .option('--cpu <model>', "timing model of the hart; default: the SoC's")
    .option('--max-cycles <n>', 'stop after so many cycles', count)
    .option('--json', 'the data on stdout instead of a page')
    .addHelpText('after', HELP + exitCodesHelp({ 0: 'the report is written, however the firmware ended' }))
    .action(report)
}

function count(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value <= 0) throw new InvalidArgumentError('It must be a whole number above 0.')
  return value
}

async function report(file: string, options: Options): Promise<void> {
  const data = await dataOf(file, options)
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(data)}\n`)
    return
  }
  await writeReport(options.output, data)
  process.stdout.write(`wrote ${options.output}\n`)
}

async function dataOf(file: string, options: Options): Promise<ReportData> {
  if (file.endsWith('.json')) return parseData(file)
  // What a killed run has left is called .part.
  if (!/\.simtrace(\.part)?$/.test(file)) return await reportFirmware(file, options)
  const { isa, cpu, maxCycles } = options
  if ([isa, cpu, maxCycles].some((option) => option !== undefined) || options.soc !== 'default') {
    const message = 'the run is over: a trace takes no other SoC, hart or limit'
    throw new UserError('report-options', message, "give these options to 'sim run --trace'", { file })
  }
  return await reportTrace(file)
}

function parseData(file: string): ReportData {
  const text = new TextDecoder().decode(readInput(file))
  try {
    const data = JSON.parse(text) as Partial<ReportData> | null
    if (data?.version === 2 && data.timeline !== undefined) return data as ReportData
  } catch {
    // Not even JSON: the same answer.
  }
  const message = 'this is not the data of a report of this version'
  throw new UserError('report-data', message, "make it with 'sim report --json'", { file })
}
