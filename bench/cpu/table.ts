import type { Row } from './bench.ts'
import type { Variant } from './variants.ts'

const WIDTH = 13

const cell = (text: string) => text.padStart(WIDTH)
const first = (text: string) => text.padEnd(12)

export function formatHeader(variants: readonly Variant[]): string {
  return [first('workload'), ...variants.map(({ name }) => cell(name)), cell('short run'), cell('ratio to qemu')].join(
    '',
  )
}

/** Steady speeds, the translator's speed in the short run, and its steady speed in terms of QEMU's. */
export function formatRow({ workload, steady, short }: Row, variants: readonly Variant[]): string {
  const speeds = variants.map(({ name }) => cell(steady[name]!.toFixed(0)))
  return [first(workload), ...speeds, cell(short.translator!.toFixed(0)), cell(ratioToQemu(steady))].join('')
}

const ratioToQemu = (speeds: Row['steady']) =>
  speeds.qemu === undefined ? '-' : (speeds.translator! / speeds.qemu).toFixed(2)

/** Geometric means of all columns and of the ratios. */
export function formatMeans(rows: readonly Row[], variants: readonly Variant[]): string {
  const steady = Object.fromEntries(
    variants.map(({ name }) => [name, geometricMean(rows.map((row) => row.steady[name]!))]),
  )
  const short = Object.fromEntries(
    variants.map(({ name }) => [name, geometricMean(rows.map((row) => row.short[name]!))]),
  )
  const over = (a: string, b: string) => (steady[a]! / steady[b]!).toFixed(2)
  return [
    formatRow({ workload: 'mean', instructions: 0, steady, short }, variants),
    `translator: ${over('translator', 'interpreter')} times the interpreter; with ibex-maxperf`,
    `${over('ibex-maxperf', 'translator')}, with cv32e40p ${over('cv32e40p', 'translator')} of its speed with ideal timing`,
  ].join('\n')
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}
