import type { CycleSplit } from '../../profile/inference-profile.ts'
import { type Activity, activities, type LayerData, type ReportData } from '../report-data.ts'
import { html, section } from './dom.ts'
import { bytes, count, decimal, percent } from './format.ts'
import { type Column, classOf, sortedTable } from './table.ts'
import { activityNames } from './theme.ts'
import { showInTimeline, type View } from './view.ts'

const traffic = ({ bytesIn, bytesOut }: LayerData) => bytesIn + bytesOut

const bar = (split: CycleSplit, longest: number) => {
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

function legend(shown: readonly Activity[]): HTMLElement {
  const entry = (activity: Activity) =>
    html('li', {}, html('span', { class: `swatch ${activity}` }), activityNames[activity])
  return html(
    'ul',
    { class: 'legend' },
    ...shown.map(entry),
    shown.length > 1 ? html('li', { class: 'note' }, 'what overlaps counts once, for the first of these') : undefined,
  )
}

/** What happened in every layer; a click shows the layer in the timeline. */
export function layersSection(data: ReportData, view: View): HTMLElement {
  const { layers, summary } = data
  const longest = Math.max(1, ...layers.map(({ cycles }) => cycles))
  const columns: readonly Column<LayerData>[] = [
    { title: '#', value: ({ index }) => index, cell: ({ index }) => String(index) },
    { title: 'Layer', value: ({ op }) => op, text: true, cell: (layer) => nameCell(layer, view) },
    { title: 'Ran on', value: ({ target }) => target, text: true, wide: true, cell: ({ target }) => target },
    { title: 'Cycles', value: ({ cycles }) => cycles, cell: cyclesCell },
    { title: 'Share', value: ({ cycles }) => cycles, cell: ({ cycles }) => percent(cycles, summary.cycles) },
    { title: 'Where they went, and why', cell: (layer) => whyCell(layer, longest), text: true },
    {
      title: 'MAC/cycle',
      value: (layer) => layer.macsPerCycle,
      cell: (layer) => (layer.macs === 0 ? '–' : decimal(layer.macsPerCycle)),
    },
    { title: 'MACs', value: ({ macs }) => macs, cell: ({ macs }) => (macs === 0 ? '–' : count(macs)) },
    { title: 'RAM traffic', value: traffic, cell: (layer) => (layer.commands === 0 ? '–' : bytes(traffic(layer))) },
  ]
  const foot = footer(data, columns, longest)
  const table = sortedTable({ id: 'layer-table', caption: 'Cycles by layer', columns, rows: layers, foot })
  return section('layers', 'Layers', legend(activitiesIn(data)), table, absentNote(layers))
}

const activitiesIn = ({ layers, between }: ReportData) =>
  activities.filter((activity) => [...layers.map(({ split }) => split), between!].some((split) => split[activity] > 0))

/** Why numbers are missing in the first column. */
function absentNote(layers: readonly LayerData[]): HTMLElement | undefined {
  const last = Math.max(...layers.map(({ index }) => index))
  const ran = new Set(layers.map(({ index }) => index))
  const absent = Array.from({ length: last }, (_, index) => index).filter((index) => !ran.has(index))
  if (absent.length === 0) return undefined
  const [layer, run, are] = absent.length === 1 ? ['Layer', 'runs', 'it is'] : ['Layers', 'run', 'they are']
  const text = `${layer} ${absent.join(', ')} ${run} nowhere: ${are} only another view of a tensor.`
  return html('p', { class: 'note below' }, text)
}

/** With what the compiler has predicted, where it has. */
function cyclesCell({ cycles, predictedCycles }: LayerData): Node | string {
  if (predictedCycles === undefined) return count(cycles)
  const text = cycles === predictedCycles ? 'as predicted' : `predicted ${count(predictedCycles)}`
  return html('div', {}, count(cycles), html('div', { class: 'predicted' }, text))
}

/** The controller between the layers, and the whole. */
function footer(
  { summary, between, layers }: ReportData,
  columns: readonly Column<LayerData>[],
  longest: number,
): HTMLElement {
  const moved = layers.reduce((sum, layer) => sum + traffic(layer), 0)
  const row = (name: string, macs: number, cycles: number, split: Node | string, ram = '') => {
    const [rate, all] = macs === 0 ? ['', ''] : [decimal(macs / cycles), count(macs)]
    const cells = ['', name, '', count(cycles), percent(cycles, summary.cycles), split, rate, all, ram]
    return html('tr', {}, ...cells.map((cell, i) => html('td', classOf(columns[i]!), cell)))
  }
  return html(
    'tfoot',
    {},
    row('Between layers', 0, between!.cycles, bar(between!, longest)),
    row('All', summary.macs, summary.cycles, '', moved === 0 ? '' : bytes(moved)),
  )
}

const whyCell = ({ split, bottleneck }: LayerData, longest: number) =>
  html('div', {}, bar(split, longest), html('div', { class: 'why' }, bottleneck))

function nameCell(layer: LayerData, view: View): Node {
  const name = `${layer.op}, layer ${layer.index}: show in the timeline`
  const title = 'Show in the timeline'
  const button = html('button', { type: 'button', class: 'link', title, 'aria-label': name }, layer.op)
  button.addEventListener('click', () => {
    const margin = (layer.until - layer.from) * 0.05
    const stretch = { from: layer.from - margin, until: layer.until + margin }
    showInTimeline(view, stretch, { row: 'layers', at: layer.from })
  })
  return html('div', { class: 'layer' }, button, html('div', { class: 'name', title: layer.name }, layer.name))
}
