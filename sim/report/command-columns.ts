import type { AnyCommand } from '../accel/description.ts'
import { unitsOf } from '../accel/unit.ts'
import type { NetworkMap } from '../debug-info/network-map.ts'
import { bytesOf, type TimedCommand } from '../profile/timed-command.ts'
import type { TokenCount } from './collect.ts'
import type { CommandColumns, FieldFormat, TokenColumns } from './report-data.ts'

/** From cycles since reset to cycles of what is shown, no further than its ends. */
export type Shift = (at: number) => number

export interface ShownCommands {
  /** All that the run had, in the order of their starts. */
  readonly all: readonly TimedCommand[]
  /** Those of them that are shown. */
  readonly shown: readonly TimedCommand[]
  readonly units: readonly string[]
  readonly parameters: Readonly<Record<string, number>>
  /** Position of the layer of a command of the stream; -1 for none. */
  readonly layerOf: (index: number) => number
  readonly network: NetworkMap | undefined
}

export function commandColumns(
  { all, shown, units, parameters, layerOf, network }: ShownCommands,
  shift: Shift,
): CommandColumns {
  const names = [...new Set(shown.map(({ command }) => command.name))]
  const positions = new Map(shown.map((one, position) => [one, position]))
  const givers = tokenGivers(all, units)
  return {
    kinds: names.map((name) => kindOf(shown.find(({ command }) => command.name === name)!.command)),
    kind: shown.map(({ command }) => names.indexOf(command.name)),
    unit: shown.map(({ command }) => units.indexOf(command.spec.unit)),
    index: shown.map(({ command }) => command.index),
    layer: shown.map(({ command }) => layerOf(command.index)),
    queued: shown.map(({ queued }) => shift(queued)),
    from: shown.map(({ started }) => shift(started)),
    until: shown.map(({ finished }) => shift(finished)),
    macs: shown.map(({ command }) => command.spec.macs?.(command.fields, parameters) ?? 0),
    bytes: shown.map((one) => bytesOf([one])),
    values: shown.map(({ command }) => Object.values(command.fields)),
    waitedFor: shown.map((one) => givers.get(one)!.flatMap((giver) => positions.get(giver) ?? [])),
    ...(network && purposes(shown, network, layerOf)),
  }
}

function kindOf({ name, spec, fields }: TimedCommand['command']): CommandColumns['kinds'][number] {
  const names = Object.keys(fields)
  return { name, fields: names, formats: names.map((field) => formatOf(field, spec)) }
}

function formatOf(field: string, { fields }: AnyCommand): FieldFormat {
  if (field === 'wait' || field === 'signal') return 'units'
  const { memory, values, flags = false } = fields[field] ?? {}
  if (values !== undefined) return { values, flags }
  return memory === 'ram' ? 'address' : 'number'
}

/** What the compiler says of its commands. Others may have the same indices: they belong to no layer. */
function purposes(
  shown: readonly TimedCommand[],
  { tensors, buffers, commands }: NetworkMap,
  layerOf: ShownCommands['layerOf'],
): Required<Pick<CommandColumns, 'notes' | 'things' | 'touches'>> {
  const places = shown.map(({ command: { index } }) => (layerOf(index) < 0 ? undefined : commands[index]))
  const named = places.map((place) => [
    ...(place?.tensors ?? []).map((tensor) => tensors[tensor]),
    ...(place?.buffers ?? []).map((buffer) => buffers[buffer]),
  ])
  const namesOf = (some: (typeof named)[number]) => some.flatMap((one) => one?.name ?? [])
  const things = [...new Set(named.flatMap(namesOf))]
  const positions = new Map(things.map((name, position) => [name, position]))
  return {
    notes: places.map((place) => place?.note ?? ''),
    things,
    touches: named.map((some) => [...new Set(namesOf(some))].map((name) => positions.get(name)!)),
  }
}

/** The commands whose tokens each command took: tokens between two units are taken in the order in which they are given. */
function tokenGivers(all: readonly TimedCommand[], units: readonly string[]): Map<TimedCommand, TimedCommand[]> {
  const given = new Map<string, TimedCommand[]>()
  for (const one of all.toSorted((a, b) => a.finished - b.finished)) {
    const { fields, spec } = one.command
    for (const to of unitsOf(fields.signal ?? 0)) {
      const pair = `${spec.unit} ${units[to]}`
      const givers = given.get(pair)
      if (givers === undefined) given.set(pair, [one])
      else givers.push(one)
    }
  }
  const taken = new Map<string, number>()
  const take = (pair: string) => {
    const position = taken.get(pair) ?? 0
    taken.set(pair, position + 1)
    return given.get(pair)?.[position] ?? []
  }
  return new Map(
    all.map((one) => {
      const { fields, spec } = one.command
      return [one, unitsOf(fields.wait ?? 0).flatMap((from) => take(`${units[from]} ${spec.unit}`))]
    }),
  )
}

/** How many tokens were on their way when, in what is shown: the last number of each instant. */
export function tokenColumns(
  counts: readonly TokenCount[],
  units: readonly string[],
  { from: begin, until: end, shift }: { readonly from: number; readonly until: number; readonly shift: Shift },
): TokenColumns {
  const pairs = units.flatMap((from) => units.map((to) => ({ from, to })))
  const byPair = pairs.map(({ from, to }) => counts.filter((one) => one.from === from && one.to === to))
  const used = pairs.filter((_, pair) => byPair[pair]!.length > 0)
  const rows = byPair
    .filter(({ length }) => length > 0)
    .flatMap((own, pair) =>
      own.flatMap(({ at, count }, i) => {
        const until = own[i + 1]?.at ?? Number.POSITIVE_INFINITY
        return at < end && until > begin && until > at ? [{ pair, at: shift(at), count }] : []
      }),
    )
  return {
    pairs: used,
    pair: rows.map(({ pair }) => pair),
    at: rows.map(({ at }) => at),
    count: rows.map(({ count }) => count),
  }
}
