import { type Activity, activities, type LayerData, type ReportData, type Split } from '../report-data.ts'
import { html, section } from './dom.ts'
import { bytes, count, decimal, percent } from './format.ts'
import { activityNames } from './theme.ts'
import { showInTimeline, type View } from './view.ts'

const traffic = ({ bytesIn, bytesOut }: LayerData) => bytesIn + bytesOut

interface Column {
  readonly title: string
  /** What rows are sorted by; columns without are not sorted. */
  readonly value?: (layer: LayerData) => number | string
  readonly cell: (layer: LayerData) => Node | string
  readonly text?: boolean
}

const bar = (split: Split, longest: number) => {
  const parts = activities.filter((activity) => split[activity] > 0)
  const total = parts.reduce((sum, activity) => sum + split[activity], 0)
  const label = parts.map((activity) => `${activityNames[activity]} ${percent(split[activity], total)}`).join(', ')
  const segments = parts.map((activity) => {
    const segment = html('span', {
      class: `fill ${activity}`,
      title: `${activityNames[activity]}: ${count(split[activity])} cycles`,
    })
    segment.style.width = `${(100 * split[activity]) / longest}%`
    return segment
  })
  return html('div', { class: 'bar', role: 'img', 'aria-label': label }, ...segments)
}

function legend(): HTMLElement {
  const entry = (activity: Activity) =>
    html('li', {}, html('span', { class: `swatch ${activity}` }), activityNames[activity])
  return html(
    'ul',
    { class: 'legend' },
    ...activities.map(entry),
    html('li', { class: 'note' }, 'what overlaps counts once, for the first of these'),
  )
}

/** What happened in every layer; a click shows the layer in the timeline. */
export function layersSection(data: ReportData, view: View): HTMLElement {
  const { layers, summary } = data
  const between = data.between!
  const longest = Math.max(1, ...layers.map(({ cycles }) => cycles))
  const columns: readonly Column[] = [
    { title: '#', value: ({ index }) => index, cell: ({ index }) => String(index) },
    { title: 'Layer', value: ({ op }) => op, text: true, cell: (layer) => nameCell(layer, view) },
    { title: 'Cycles', value: ({ cycles }) => cycles, cell: ({ cycles }) => count(cycles) },
    { title: 'Share', value: ({ cycles }) => cycles, cell: ({ cycles }) => percent(cycles, summary.cycles) },
    { title: 'Where they went', cell: ({ split }) => bar(split, longest), text: true },
    {
      title: 'MAC/cycle',
      value: (layer) => layer.macsPerCycle,
      cell: (layer) => (layer.macs === 0 ? '–' : decimal(layer.macsPerCycle)),
    },
    { title: 'MACs', value: ({ macs }) => macs, cell: ({ macs }) => (macs === 0 ? '–' : count(macs)) },
    {
      title: 'RAM traffic',
      value: traffic,
      cell: (layer) => (layer.commands === 0 ? '–' : bytes(traffic(layer))),
    },
    { title: 'Ran on', value: ({ target }) => target, text: true, cell: ({ target }) => target },
  ]
  const body = html('tbody')
  const fill = (rows: readonly LayerData[]) => {
    body.replaceChildren(
      ...rows.map((layer) =>
        html(
          'tr',
          {},
          ...columns.map((column) => html('td', column.text ? { class: 'text' } : {}, column.cell(layer))),
        ),
      ),
    )
  }
  fill(layers)
  const totalRow = (name: string, macs: number, cycles: number, split: Node | string) => {
    const rate = cycles === 0 || macs === 0 ? '' : decimal(macs / cycles)
    const cells = [
      '',
      name,
      count(cycles),
      percent(cycles, summary.cycles),
      split,
      rate,
      macs === 0 ? '' : count(macs),
      '',
      '',
    ]
    return html('tr', {}, ...cells.map((cell, i) => html('td', columns[i]!.text ? { class: 'text' } : {}, cell)))
  }
  const foot = html(
    'tfoot',
    {},
    totalRow('Between layers', 0, between.cycles, bar(between, longest)),
    totalRow('All', summary.macs, summary.cycles, ''),
  )
  const table = html(
    'table',
    { id: 'layer-table' },
    html('caption', { class: 'hidden' }, 'Cycles by layer'),
    head(columns, layers, fill),
    body,
    foot,
  )
  return section(
    'layers',
    'Layers',
    legend(),
    html('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Layers' }, table),
  )
}

function nameCell(layer: LayerData, view: View): Node {
  const button = html('button', { type: 'button', class: 'link', title: 'Show in the timeline' }, layer.op)
  button.addEventListener('click', () => {
    const margin = (layer.until - layer.from) * 0.05
    showInTimeline(view, layer.from - margin, layer.until + margin)
  })
  return html(
    'div',
    {},
    button,
    html('div', { class: 'name' }, layer.name),
    html('div', { class: 'why' }, layer.bottleneck),
  )
}

function head(
  columns: readonly Column[],
  layers: readonly LayerData[],
  fill: (rows: readonly LayerData[]) => void,
): HTMLElement {
  const cells = columns.map((column) => {
    const cell = html('th', { scope: 'col', ...(column.text && { class: 'text' }) })
    if (column.value === undefined) cell.append(column.title)
    else {
      const button = html('button', { type: 'button' }, column.title)
      button.addEventListener('click', () => sort(column, cell))
      cell.append(button)
    }
    return cell
  })
  const sort = ({ value, text }: Column, cell: HTMLElement) => {
    const first = text === true || cell === cells[0] ? 'ascending' : 'descending'
    const other = first === 'ascending' ? 'descending' : 'ascending'
    const order = cell.ariaSort === first ? other : first
    for (const one of cells) one.removeAttribute('aria-sort')
    cell.setAttribute('aria-sort', order)
    const sign = order === 'ascending' ? 1 : -1
    fill(layers.toSorted((a, b) => sign * compare(value!(a), value!(b)) || a.index - b.index))
  }
  return html('thead', {}, html('tr', {}, ...cells))
}

const compare = (a: number | string, b: number | string) => (a < b ? -1 : a > b ? 1 : 0)
