import type { ReportData } from '../report-data.ts'
import { bytes, count } from './format.ts'
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
const commandName = ({ timeline: { commands } }: ReportData, i: number) =>
  `command ${commands.index[i]} ${commands.kinds[commands.kind[i]!]!.name}`

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
      label: kind.name,
      colour: () => colour(moved === 0 ? 'compute' : out ? 'dma-out' : 'dma-in'),
      details: () => [
        `${commandName(data, i)}, ${layerName(data, layer)}`,
        duration(from, until),
        `${count(from - commands.queued[i]!)} cycles in its queue before`,
        ...(commands.macs[i]! > 0 ? [macRate(commands.macs[i]!, until - from)] : []),
        ...(moved > 0 ? [`${bytes(moved)}, ${(moved / Math.max(1, until - from)).toFixed(1)} bytes/cycle`] : []),
        ...(givers.length > 0 ? [`after ${givers.map((giver) => commandName(data, giver)).join(', ')}`] : []),
        kind.fields.map((field, f) => `${field} ${commands.values[i]![f]}`).join(', '),
      ],
      links: () => ({ before: givers.map((giver) => items[giver]!), after: waitedForBy[i]!.map((one) => items[one]!) }),
    }
  })
  return items
}

const macRate = (macs: number, cycles: number) =>
  `${count(macs)} MACs, ${(macs / Math.max(1, cycles)).toFixed(1)} each cycle`

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
