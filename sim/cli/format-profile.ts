import { causes } from '../profile/cause.ts'
import type { RunProfile } from '../profile/run-profile.ts'
import { type Row, textTable } from './text-table.ts'

/** Rows of each table that a person is shown; the JSON file has them all. */
const MOST_ROWS = 20

const percent = (part: number, whole: number) => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`

/** The profile as tables: causes, functions, lines, memory and registers of devices. */
export function formatProfile(profile: RunProfile): string {
  const { cycles, instructions, functions, lines, memory, devices } = profile
  const share = (part: number) => percent(part, cycles)
  const spent = causes.filter(({ name }) => profile.causes[name] > 0)
  const functionRows = functions.map(({ name, calls, instructions, cycles, totalCycles, causes }): Row => {
    const most = spent.filter(({ name }) => name !== 'execute' && causes[name] > 0)
    const why = most.sort((a, b) => causes[b.name] - causes[a.name]).slice(0, 3)
    const reasons = why.map(({ name }) => `${name} ${percent(causes[name], cycles)}`).join(', ')
    return [cycles, share(cycles), totalCycles, instructions, calls, name, reasons]
  })
  const lineRows = lines.map(({ file, line, function: name, cycles, instructions }): Row => {
    return [cycles, share(cycles), instructions, `${file}:${line}`, name]
  })
  return [
    `Profile: ${cycles} cycles, ${instructions} instructions\n`,
    section(
      'Cycles by cause',
      ['cycles', 'share', 'cause'],
      spent.map(({ name, doc }): Row => [profile.causes[name], share(profile.causes[name]), `${name}: ${doc}`]),
    ),
    section(
      'Functions',
      ['cycles', 'share', 'with callees', 'instructions', 'calls', 'function', 'beyond executing'],
      functionRows,
    ),
    section('Source lines', ['cycles', 'share', 'instructions', 'line', 'function'], lineRows),
    section(
      'Memory',
      ['loads', 'stores', 'bytes loaded', 'bytes stored', 'region'],
      memory.map((one): Row => [one.loads, one.stores, one.loadedBytes, one.storedBytes, one.region]),
    ),
    section(
      'Device registers',
      ['reads', 'writes', 'register'],
      devices.map(({ device, register, reads, writes }): Row => [reads, writes, `${device} ${register}`]),
    ),
  ].join('')
}

function section(title: string, header: Row, rows: readonly Row[]): string {
  if (rows.length === 0) return ''
  const shown = rows.slice(0, MOST_ROWS)
  const more = rows.length > MOST_ROWS ? `  ... and ${rows.length - MOST_ROWS} more\n` : ''
  return `\n${title}\n${textTable([header, ...shown])}${more}`
}
