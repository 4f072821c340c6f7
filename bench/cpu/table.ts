import type { GuestRow } from './guests.ts'
import type { MemoryRow } from './memory.ts'
import type { Row } from './steady.ts'
import type { Variant } from './variants.ts'

const WIDTH = 13
const FIRST = 16

type Cells = readonly (string | number)[]

/** A line of a table: a name and its cells, numbers without decimals. */
export function formatLine(name: string, cells: Cells): string {
  const texts = cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(0) : cell).padStart(WIDTH))
  return name.padEnd(FIRST) + texts.join('')
}

/** Ratios that are printed beside the speeds: numerator, denominator. */
const ratios: readonly (readonly [string, string])[] = [
  ['translator', 'qemu'],
  ['translator', 'interpreter'],
  ['ibex', 'translator'],
  ['cv32e40p', 'translator'],
]

export function formatHeader(variants: readonly Variant[]): string {
  const names = [...variants.map(({ name }) => name), 'short run']
  return formatLine('workload', [...names, ...ratios.map(([a, b]) => `${a.slice(0, 6)}/${b.slice(0, 6)}`)])
}

/** Steady speeds, the translator's speed in the short run, and the ratios of steady speeds. */
export function formatRow({ workload, steady, short }: Row, variants: readonly Variant[]): string {
  const ratio = ([a, b]: readonly [string, string]) =>
    steady[a] === undefined || steady[b] === undefined ? '-' : (steady[a] / steady[b]).toFixed(2)
  return formatLine(workload, [...variants.map(({ name }) => steady[name]!), short.translator!, ...ratios.map(ratio)])
}

/** The geometric mean of every column; those of the ratios are the ratios of the means. */
export function meanRow(rows: readonly Row[]): Row {
  const mean = (speeds: (row: Row) => Row['steady']) =>
    Object.fromEntries(
      Object.keys(speeds(rows[0]!)).map((name) => [name, geometricMean(rows.map((row) => speeds(row)[name]!))]),
    )
  return {
    workload: 'geometric mean',
    instructions: 0,
    steady: mean((row) => row.steady),
    short: mean((row) => row.short),
  }
}

export function formatGuests(rows: readonly GuestRow[]): string {
  const lines = rows.map(({ guest, interpreter, auto }) =>
    formatLine(guest, [interpreter, auto, (auto / interpreter).toFixed(2)]),
  )
  return [formatLine('guest', ['interpreter', 'auto', 'ratio']), ...lines].join('\n')
}

export function formatMemory(rows: readonly MemoryRow[]): string {
  return rows
    .flatMap(({ name, looks, growth }) => [
      `${name}: the heap grew by ${growth.toFixed(1)} MiB`,
      formatLine(
        '10^6 instr.',
        looks.map(({ instructions }) => instructions / 1e6),
      ),
      formatLine(
        'resident MiB',
        looks.map(({ resident }) => resident),
      ),
      formatLine(
        'heap MiB',
        looks.map(({ heap }) => heap.toFixed(1)),
      ),
      formatLine(
        'modules',
        looks.map(({ modules }) => modules),
      ),
    ])
    .join('\n')
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}
