import type { FieldFormat, ReportData } from '../report-data.ts'
import { count, decimal } from './format.ts'
import { colour } from './theme.ts'
import { duration, type Item, layerName, ROW, type Track, track } from './track.ts'

/** One row for each unit of the accelerator: its commands and, between them, what the next one waits for. */
export function unitTracks(data: ReportData): Track[] {
  const { units, commands } = data.timeline
  const all = commandItems(data)
  return units.map((unit, row) => {
    const own = [...commands.unit.keys()].filter((i) => commands.unit[i] === row)
    const waits = own.flatMap((i, place) => {
      const free = place === 0 ? 0 : commands.until[own[place - 1]!]!
      const since = Math.max(free, commands.queued[i]!)
      return commands.from[i]! > since ? [waitItem(data, i, since)] : []
    })
    return track(unit, ROW, [...own.map((i) => all[i]!), ...waits])
  })
}

/** `command 12 load` */
export const commandName = ({ timeline: { commands } }: ReportData, i: number) =>
  `command ${commands.index[i]} ${commands.kinds[commands.kind[i]!]!.name}`

/** What the compiler made a command for, when that says more than its name. */
export function purposeOf({ timeline: { commands } }: ReportData, i: number): string[] {
  const note = commands.notes?.[i]
  return !note || note === commands.kinds[commands.kind[i]!]!.name ? [] : [note]
}

/** The tensors and pieces of scratchpads that a command is about. */
const thingsOf = ({ timeline: { commands } }: ReportData, i: number) =>
  (commands.touches?.[i] ?? []).map((thing) => commands.things![thing]!)

function commandItems(data: ReportData): Item[] {
  const { commands, units } = data.timeline
  const waitedFor = commands.waitedFor
  const waitedForBy = waitedFor.map((): number[] => [])
  for (const [i, givers] of waitedFor.entries()) for (const giver of givers) waitedForBy[giver]!.push(i)
  const items: Item[] = waitedFor.map((givers, i) => {
    const kind = commands.kinds[commands.kind[i]!]!
    const [from, until, layer, moved] = [commands.from[i]!, commands.until[i]!, commands.layer[i]!, commands.bytes[i]!]
    const out = units[commands.unit[i]!] === 'store'
    return {
      from,
      until,
      label: commands.notes?.[i] || kind.name,
      colour: () => colour(moved === 0 ? 'compute' : out ? 'dma-out' : 'dma-in'),
      details: () => [
        [commandName(data, i), ...purposeOf(data, i), layerName(data, layer)].join(', '),
        duration(from, until),
        `${count(from - commands.queued[i]!)} cycles in its queue before`,
        ...(commands.macs[i]! > 0 ? [macRate(commands.macs[i]!, until - from)] : []),
        ...(moved > 0 ? [`${count(moved)} bytes, ${decimal(moved / Math.max(1, until - from))} bytes/cycle`] : []),
        ...(thingsOf(data, i).length > 0 ? [`about ${thingsOf(data, i).join(', ')}`] : []),
        ...(givers.length > 0 ? [`after ${givers.map((giver) => commandName(data, giver)).join(', ')}`] : []),
        fieldsText(data, i),
      ],
      links: () => ({ before: givers.map((giver) => items[giver]!), after: waitedForBy[i]!.map((one) => items[one]!) }),
    }
  })
  return items
}

const macRate = (macs: number, cycles: number) =>
  `${count(macs)} MACs, ${decimal(macs / Math.max(1, cycles))} each cycle`

/** All fields of a command but those that only say which it is. */
function fieldsText({ timeline: { commands, units } }: ReportData, i: number): string {
  const { fields, formats } = commands.kinds[commands.kind[i]!]!
  return fields
    .flatMap((field, f) => {
      const value = commands.values[i]![f]!
      if (field === 'opcode' || (field === 'reserved' && value === 0)) return []
      return [`${field} ${valueText(value, formats?.[f] ?? 'number', units)}`]
    })
    .join(', ')
}

function valueText(value: number, format: FieldFormat, units: readonly string[]): string {
  if (format === 'number') return String(value)
  if (format === 'address') return `0x${value.toString(16).padStart(8, '0')}`
  if (format === 'units') return listed(units.filter((_, unit) => ((value >> unit) & 1) === 1))
  const { values, flags } = format
  const names = Object.entries(values).filter(([, one]) => (flags ? (value & one) !== 0 : value === one))
  return names.length > 0 || flags ? listed(names.map(([name]) => name)) : String(value)
}

const listed = (names: readonly string[]) => (names.length === 0 ? 'nothing' : names.join(' and '))

/** Before command `i`, while its unit has nothing else to do. */
function waitItem(data: ReportData, i: number, from: number): Item {
  const { commands, cycles } = data.timeline
  const until = commands.from[i]!
  const last = lastGiver(data, i)
  const on = unitsWaitedFor(data, i)
  const end =
    last === undefined
      ? until === cycles
        ? ['to the end of what is shown']
        : []
      : [`until ${commandName(data, last)}, ${layerName(data, commands.layer[last]!)}, is done`]
  return {
    from,
    until,
    label: `waits${on}`,
    colour: () => colour('idle'),
    details: () => [`${commandName(data, i)} waits${on}`, duration(from, until), ...end],
  }
}

/** Of the commands that a command waited for the one that ended last. */
function lastGiver({ timeline: { commands } }: ReportData, i: number): number | undefined {
  const byEnd = commands.waitedFor[i]!.toSorted((a, b) => commands.until[b]! - commands.until[a]!)
  return byEnd[0]
}

/** ` for load`: the unit whose token came last, or all whose tokens the command wants. */
function unitsWaitedFor(data: ReportData, i: number): string {
  const { commands, units } = data.timeline
  const last = lastGiver(data, i)
  if (last !== undefined) return ` for ${units[commands.unit[last]!]}`
  const mask = commands.values[i]![commands.kinds[commands.kind[i]!]!.fields.indexOf('wait')] ?? 0
  const wanted = units.filter((_, unit) => ((mask >> unit) & 1) === 1)
  return wanted.length === 0 ? '' : ` for ${wanted.join(' and ')}`
}
