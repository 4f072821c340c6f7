/** What a report says of where it comes from. Nothing in it depends on the day or the machine. */
import { createHash } from 'node:crypto'
import type { ReportedHardware } from '../report/build-report-data.ts'
import type { ProvenanceGroup } from '../report/report-data.ts'
import { findBlock, type SocDescription } from '../soc/description.ts'
import { peakOf, type SettledAccelerator } from './settled-accelerator.ts'
import { version } from './version.ts'

/** The file that everything came from. */
export function fileFacts(title: string, name: string, bytes: Uint8Array): ProvenanceGroup {
  const digest = createHash('sha256').update(bytes).digest('hex')
  return {
    title,
    rows: [
      ['file', name],
      ['size', `${bytes.length.toLocaleString('en-US')} bytes`],
      ['SHA-256', digest],
    ],
  }
}

/** Who made the report, and how. */
export function runFacts(command: readonly string[], more: ProvenanceGroup['rows'] = []): ProvenanceGroup {
  return { title: 'Run', rows: [['Presilicon', version()], ['command', command.map(quote).join(' ')], ...more] }
}

const quote = (word: string) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

export function platformFacts(soc: SocDescription, cpu: string | undefined, accelerator?: SettledAccelerator) {
  const { hart, clockHz, name } = soc
  const ram = findBlock(soc, 'ram')
  const groups: ProvenanceGroup[] = [
    {
      title: 'SoC',
      rows: [
        ['name', name],
        ['clock', `${clockHz / 1e6} MHz`],
        ['instruction set', hart.isa],
        ['timing of the hart', cpu ?? hart.cpu],
        ['RAM', `${memorySize(ram?.size ?? 0)}, ${ram?.waitStates ?? 0} wait states`],
      ],
    },
  ]
  if (accelerator === undefined) return groups
  const { description, parameters: values } = accelerator
  const parameters = Object.entries(values).map(
    ([key, value]) => [key, withUnit(value, description.parameters[key]?.unit)] as const,
  )
  return [...groups, { title: `Accelerator ${description.name}`, rows: parameters }]
}

/** `16 MiB` rather than `16384 KiB`. */
const memorySize = (bytes: number) => (bytes % (1 << 20) === 0 ? `${bytes >> 20} MiB` : `${bytes / 1024} KiB`)

const withUnit = (value: number, unit: string | undefined) => (unit === undefined ? String(value) : `${value} ${unit}`)

/** On what something ran, as a line of text. */
export function subtitleOf(
  what: string,
  { name, hart, clockHz }: SocDescription,
  cpu?: string,
  accelerator?: SettledAccelerator,
) {
  const beside = accelerator === undefined ? 'on the CPU alone' : `with accelerator ${accelerator.description.name}`
  return `${what} on SoC ${name} ${beside}, hart ${cpu ?? hart.cpu}, ${clockHz / 1e6} MHz`
}

/** What a report has to know of an accelerator. */
export function hardwareFacts({ description, parameters }: SettledAccelerator): ReportedHardware {
  const memories = Object.entries(description.memories(parameters)).filter(([, { internal }]) => !internal)
  return {
    units: description.units,
    parameters,
    ranges: description.parameters,
    memories: Object.fromEntries(memories.map(([name, { bytes }]) => [name, bytes])),
    roofline: peakOf({ parameters }),
  }
}
