import { causes } from '../../profile/cause.ts'
import type { RunProfile } from '../../profile/run-profile.ts'
import { html, section } from './dom.ts'
import { bytes, count, percent } from './format.ts'
import { type Column, sortedTable } from './table.ts'

type FunctionProfile = RunProfile['functions'][number]
type LineProfile = RunProfile['lines'][number]
type CauseRow = (typeof causes)[number]

const MOST_ROWS = 12

/** What the hart's cycles went to: causes, functions, source lines; and what it accessed. */
export function hartSection(profile: RunProfile): HTMLElement {
  return section(
    'hart',
    'Cycles of the hart',
    html(
      'div',
      { class: 'groups' },
      part('By cause', causeTable(profile)),
      part('Memory traffic', memoryTable(profile)),
      part('Device registers', deviceTable(profile)),
    ),
    part('By function', functionTable(profile)),
    part('By source line', lineTable(profile)),
  )
}

function part(title: string, table: HTMLElement | undefined): HTMLElement | undefined {
  return table && html('div', { class: 'part' }, html('h3', {}, title), table)
}

function causeTable({ causes: cycles, cycles: all }: RunProfile): HTMLElement {
  const columns: readonly Column<CauseRow>[] = [
    { title: 'Cause', value: ({ name }) => name, text: true, cell: ({ name, doc }) => described(name, doc) },
    { title: 'Cycles', value: ({ name }) => cycles[name], cell: ({ name }) => count(cycles[name]) },
    { title: 'Share', cell: ({ name }) => percent(cycles[name], all) },
  ]
  const rows = causes.filter(({ name }) => cycles[name] > 0).sort((a, b) => cycles[b.name] - cycles[a.name])
  return sortedTable({ id: 'cause-table', caption: 'Cycles by cause', columns, rows })
}

const described = (name: string, about: string) => html('div', {}, name, html('div', { class: 'name' }, about))

/** What a function's or line's cycles went to beyond executing, most first. */
function beyondExecuting({ causes: cycles, cycles: all }: Pick<FunctionProfile, 'causes' | 'cycles'>): string {
  const other = causes.filter(({ name }) => name !== 'execute' && cycles[name] > 0)
  const most = other.sort((a, b) => cycles[b.name] - cycles[a.name]).slice(0, 3)
  return most.map(({ name }) => `${name} ${percent(cycles[name], all)}`).join(', ')
}

function functionTable({ functions, cycles: all }: RunProfile): HTMLElement {
  const columns: readonly Column<FunctionProfile>[] = [
    {
      title: 'Function',
      value: ({ name }) => name,
      text: true,
      cell: ({ name, place }) => described(name, place === undefined ? '' : `${place.file}:${place.line}`),
    },
    { title: 'Cycles', value: ({ cycles }) => cycles, cell: ({ cycles }) => count(cycles) },
    { title: 'Share', value: ({ cycles }) => cycles, cell: ({ cycles }) => percent(cycles, all) },
    { title: 'With callees', value: (one) => one.totalCycles, cell: (one) => count(one.totalCycles) },
    { title: 'Instructions', value: (one) => one.instructions, cell: (one) => count(one.instructions) },
    { title: 'Calls', value: ({ calls }) => calls, cell: ({ calls }) => count(calls) },
    { title: 'Beyond executing', text: true, cell: beyondExecuting },
  ]
  return sortedTable({ id: 'function-table', caption: 'Cycles by function', columns, rows: functions, most: MOST_ROWS })
}

function lineTable({ lines, cycles: all }: RunProfile): HTMLElement | undefined {
  if (lines.length === 0) return undefined
  const place = ({ file, line }: LineProfile) => `${file}:${line}`
  const columns: readonly Column<LineProfile>[] = [
    { title: 'Line', value: place, text: true, cell: (one) => described(place(one), one.function) },
    { title: 'Cycles', value: ({ cycles }) => cycles, cell: ({ cycles }) => count(cycles) },
    { title: 'Share', value: ({ cycles }) => cycles, cell: ({ cycles }) => percent(cycles, all) },
    { title: 'Instructions', value: (one) => one.instructions, cell: (one) => count(one.instructions) },
    { title: 'Beyond executing', text: true, cell: beyondExecuting },
  ]
  return sortedTable({ id: 'line-table', caption: 'Cycles by source line', columns, rows: lines, most: MOST_ROWS })
}

function memoryTable({ memory }: RunProfile): HTMLElement | undefined {
  if (memory.length === 0) return undefined
  const columns: readonly Column<RunProfile['memory'][number]>[] = [
    { title: 'Region', value: ({ region }) => region, text: true, cell: ({ region }) => region },
    { title: 'Loads', value: ({ loads }) => loads, cell: ({ loads }) => count(loads) },
    { title: 'Stores', value: ({ stores }) => stores, cell: ({ stores }) => count(stores) },
    { title: 'Loaded', value: (one) => one.loadedBytes, cell: (one) => bytes(one.loadedBytes) },
    { title: 'Stored', value: (one) => one.storedBytes, cell: (one) => bytes(one.storedBytes) },
  ]
  return sortedTable({
    id: 'memory-table',
    caption: 'Memory traffic of the hart',
    columns,
    rows: memory,
    most: MOST_ROWS,
  })
}

function deviceTable({ devices }: RunProfile): HTMLElement | undefined {
  if (devices.length === 0) return undefined
  const name = ({ device, register }: RunProfile['devices'][number]) => `${device} ${register}`
  const columns: readonly Column<RunProfile['devices'][number]>[] = [
    { title: 'Register', value: name, text: true, cell: name },
    { title: 'Reads', value: ({ reads }) => reads, cell: ({ reads }) => count(reads) },
    { title: 'Writes', value: ({ writes }) => writes, cell: ({ writes }) => count(writes) },
  ]
  return sortedTable({
    id: 'device-table',
    caption: 'Accesses to device registers',
    columns,
    rows: devices,
    most: MOST_ROWS,
  })
}
