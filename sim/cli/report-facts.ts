/** What a report says of where it comes from. Nothing in it depends on the day or the machine. */
import { createHash } from 'node:crypto'
import type { AcceleratorDescription } from '../accel/description.ts'
import type { ElfImage } from '../elf/image.ts'
import type { CodePlace } from '../report/call-stack.ts'
import type { ProvenanceGroup, Roofline } from '../report/report-data.ts'
import { findBlock, type SocDescription } from '../soc/description.ts'
import { version } from './version.ts'

/** An accelerator with its parameters settled. */
export interface SettledAccelerator {
  readonly description: AcceleratorDescription
  readonly parameters: Readonly<Record<string, number>>
}

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
        ['RAM', `${(ram?.size ?? 0) / 1024} KiB, ${ram?.waitStates ?? 0} wait states`],
      ],
    },
  ]
  if (accelerator === undefined) return groups
  const parameters = Object.entries(accelerator.parameters).map(([key, value]) => [key, String(value)] as const)
  return [...groups, { title: `Accelerator ${accelerator.description.name}`, rows: parameters }]
}

/** On what something ran, as a line of text. */
export function subtitleOf(what: string, { name, hart, clockHz }: SocDescription, cpu?: string, accelerator?: string) {
  const beside = accelerator === undefined ? 'on the CPU alone' : `with accelerator ${accelerator}`
  return `${what} on SoC ${name} ${beside}, hart ${cpu ?? hart.cpu}, ${clockHz / 1e6} MHz`
}

/** What bounds a layer; undefined for an accelerator whose parameters do not say. */
export function rooflineOf({ parameters }: SettledAccelerator): Roofline | undefined {
  const { rows, columns, dmaBytesPerCycle, clockDivider = 1 } = parameters
  if (rows === undefined || columns === undefined || dmaBytesPerCycle === undefined) return undefined
  return { peakMacsPerCycle: (rows * columns) / clockDivider, bytesPerCycle: dmaBytesPerCycle / clockDivider }
}

/** Sizes of the memories that commands work on. */
export function scratchpadSizes({ description, parameters }: SettledAccelerator): Record<string, number> {
  const memories = Object.entries(description.memories(parameters))
  return Object.fromEntries(memories.filter(([, { internal }]) => !internal).map(([name, { bytes }]) => [name, bytes]))
}

/** Functions of a program by address. */
export function functionFinder({ symbols }: ElfImage): (pc: number) => CodePlace | undefined {
  return (pc) => {
    const found = symbols.functionAt(pc)
    return found && { name: found.name, from: found.address, until: found.address + Math.max(found.size, 4) }
  }
}
