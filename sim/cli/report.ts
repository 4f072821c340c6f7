import { basename } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { findAccelerator } from '../../accelerators/index.ts'
import { resolveParameters } from '../accel/resolve-parameters.ts'
import { UserError } from '../diagnostic.ts'
import { loadElf } from '../elf/load.ts'
import { Machine } from '../machine.ts'
import { buildReportData, layerFinder } from '../report/build-report-data.ts'
import { ReportCollector } from '../report/collect.ts'
import type { ReportData } from '../report/report-data.ts'
import { Sanitizer } from '../sanitize/sanitizer.ts'
import { findBlock, type SocDescription } from '../soc/description.ts'
import { acceleratorFactories } from './accelerator-factories.ts'
import { loadSoc } from './load-soc.ts'
import { readInput } from './read-input.ts'
import {
  fileFacts,
  functionFinder,
  platformFacts,
  rooflineOf,
  runFacts,
  type SettledAccelerator,
  scratchpadSizes,
  subtitleOf,
} from './report-facts.ts'
import { writeReport } from './write-report.ts'

interface Options {
  readonly output: string
  readonly soc: string
  readonly cpu?: string
  readonly maxCycles?: number
  readonly json?: boolean
}

const HELP = `
Example:
  sim report firmware.elf --output report.html
  sim infer model.tflite --input images.npy --report data.json
  sim report data.json --output report.html

Runs firmware and shows what the hart, the accelerator and its memories did: a page that works by
itself, without a network. When the firmware marks a region of interest, the first one is shown, else
the whole run. A .json file is the data of a report, as --json and 'sim infer --report FILE.json'
give it: the page is made from that. For models, 'sim infer --report' knows the layers too.

Exit codes:
  0     the report is written, however the firmware ended
  125   something was refused
`

/** Adds arguments, options and action of `sim report`. */
export function register(command: Command): void {
  command
    .argument('<file>', 'firmware (ELF), or the .json data of a report')
    .option('-o, --output <file>', 'where the page goes', 'report.html')
    .option('--soc <name|file>', 'the SoC: a name, or a JSON file with its description', 'default')
    .option('--cpu <model>', "timing model of the hart; default: the SoC's")
    .option('--max-cycles <n>', 'stop after so many cycles', count)
    .option('--json', 'the data on stdout instead of a page')
    .addHelpText('after', HELP)
    .action(report)
}

function count(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value <= 0) throw new InvalidArgumentError('It must be a whole number above 0.')
  return value
}

async function report(file: string, options: Options): Promise<void> {
  const data = file.endsWith('.json') ? parseData(file) : await reportRun(file, options)
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(data)}\n`)
    return
  }
  await writeReport(options.output, data)
  process.stdout.write(`wrote ${options.output}\n`)
}

function parseData(file: string): ReportData {
  const text = new TextDecoder().decode(readInput(file))
  try {
    const data = JSON.parse(text) as Partial<ReportData> | null
    if (data?.version === 1 && data.timeline !== undefined) return data as ReportData
  } catch {
    // Not even JSON: the same answer.
  }
  throw new UserError('report-data', 'this is not the data of a report', "make it with 'sim report --json'", { file })
}

/** Runs firmware to its end, or up to a limit, and follows everything. */
async function reportRun(file: string, { soc: socName, cpu, maxCycles }: Options): Promise<ReportData> {
  const soc = loadSoc(socName)
  const bytes = readInput(file)
  const image = await loadElf(bytes, file)
  const accelerator = await settledAccelerator(soc)
  const collector = new ReportCollector({
    placeOf: functionFinder(image),
    memories: accelerator ? scratchpadSizes(accelerator) : {},
    layerOf: layerFinder([]),
    markers: findBlock(soc, 'markers')?.name,
  })
  const sanitizer = new Sanitizer({ soc, ...(accelerator && { accelerator: accelerator.description }) })
  const machine = new Machine(soc, {
    accelerators: await acceleratorFactories(soc),
    diagnostic: (message) => process.stderr.write(`sim: ${message}\n`),
    probes: [collector.probe, sanitizer],
    ...(cpu === undefined ? {} : { cpu }),
  })
  machine.load(image)
  const result = machine.run(maxCycles === undefined ? {} : { maxCycles })
  const end = result.explanation ?? `It ended with exit code ${result.exitCode}.`
  return buildReportData({
    title: basename(file),
    subtitle: subtitleOf('Firmware', soc, cpu, accelerator?.description.name),
    collector,
    ...(collector.region ?? { from: 0, until: result.cycles }),
    units: accelerator?.description.units ?? [],
    parameters: accelerator?.parameters ?? {},
    times: [],
    roofline: accelerator && rooflineOf(accelerator),
    summary: {
      instructions: collector.region ? (result.regions[0]?.instructions ?? 0) : result.instructions,
      clockHz: soc.clockHz,
      end,
    },
    findings: sanitizer.finish(result),
    provenance: [
      runFacts(['sim', ...process.argv.slice(2)]),
      fileFacts('Firmware', basename(file), bytes),
      ...platformFacts(soc, cpu, accelerator),
    ],
  })
}

async function settledAccelerator(soc: SocDescription): Promise<SettledAccelerator | undefined> {
  const block = findBlock(soc, 'accelerator')
  if (block === undefined) return undefined
  const description = await findAccelerator(block.accelerator).description()
  return { description, parameters: resolveParameters(description, block.parameters) }
}
