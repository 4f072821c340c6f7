import { writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { UserError } from '../diagnostic.ts'
import { socHeader } from '../soc/c-header.ts'
import type { SocDescription } from '../soc/description.ts'
import { deviceTree, printDts } from '../soc/device-tree.ts'
import { encodeDtb } from '../soc/device-tree-blob.ts'
import { linkerScript } from '../soc/linker-script.ts'
import { memoryMap, memoryMapText } from '../soc/memory-map.ts'
import type { AcceleratorViews } from '../soc/registers.ts'
import { socSvd } from '../soc/svd.ts'
import { acceleratorViews } from './accelerator-views.ts'
import { exitCodesHelp } from './exit-codes.ts'
import { loadSoc } from './load-soc.ts'

const formats = {
  map: (soc: SocDescription) => memoryMapText(soc),
  header: (soc: SocDescription, views: AcceleratorViews) =>
    [socHeader(soc), ...Object.entries(views).map(([name, { header }]) => `\n/* ---- ${name} ---- */\n${header}`)].join(
      '',
    ),
  linker: (soc: SocDescription) => linkerScript(soc),
  dts: (soc: SocDescription) => printDts(deviceTree(soc)),
  dtb: (soc: SocDescription) => encodeDtb(deviceTree(soc)),
  svd: (soc: SocDescription, views: AcceleratorViews) => socSvd(soc, views),
} as const
type Format = keyof typeof formats

interface SocOptions {
  readonly soc: string
  readonly format: Format
  readonly output?: string
  readonly json?: boolean
}

const HELP = `
Formats:
  map     the memory map, for people
  header  C: addresses, interrupts, register offsets and fields; the accelerator's registers and commands
  linker  linker script for code and data in the first RAM
  dts     device tree source; dtb is its binary form
  svd     CMSIS-SVD: every register and field, for debuggers

Examples:
  sim soc
  sim soc --format header --output soc.h
  sim soc --soc my-chip.json --format svd > my-chip.svd

With --json: one object with the description, its memory map and, with --format, the text of that view
(base64 for dtb). docs/platform.md describes the JSON file of --soc.
`

/** Adds options and action of `sim soc`. */
export function register(command: Command): void {
  command
    .option('--soc <name|file>', 'the SoC: a name, or a JSON file with its description', 'default')
    .addOption(new Option('--format <format>', 'what to show').choices(Object.keys(formats)).default('map'))
    .option('-o, --output <file>', 'write to a file instead of stdout, which - is')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', HELP + exitCodesHelp({ 0: 'the SoC is shown, or written' }))
    .action(show)
}

async function show({ soc: name, format, output, json }: SocOptions): Promise<void> {
  const soc = loadSoc(name)
  const content = formats[format](soc, await acceleratorViews(soc))
  const file = output === '-' ? undefined : output
  if (file !== undefined) write(file, content)
  if (json === true) process.stdout.write(`${JSON.stringify(report(soc, format, content))}\n`)
  else if (file === undefined) process.stdout.write(content)
}

function report(soc: SocDescription, format: Format, content: string | Uint8Array) {
  const text = typeof content === 'string' ? content : Buffer.from(content).toString('base64')
  return { soc, map: memoryMap(soc), format, content: text }
}

function write(file: string, content: string | Uint8Array): void {
  try {
    writeFileSync(file, content)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UserError('output-file', `it cannot be written (${code})`, 'choose another file', { file })
  }
}
