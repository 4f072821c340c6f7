/** The parts of the page that are text: summary, findings, provenance. */
import type { FindingData, ReportData } from '../report-data.ts'
import { html, section } from './dom.ts'
import { bytes, count, decimal, percent, seconds } from './format.ts'

/** The figures that everybody looks for first. */
export function summarySection(data: ReportData): HTMLElement {
  const { cycles, clockHz, macs, instructions, check, memory, end } = data.summary
  const tile = (name: string, value: string, about: string, id: string) =>
    html(
      'div',
      { class: 'tile' },
      html('dt', {}, name),
      html('dd', { id }, value),
      html('dd', { class: 'about' }, about),
    )
  const tiles = [
    tile('Cycles', count(cycles), `${seconds(cycles / clockHz)} at ${clockHz / 1e6} MHz`, 'cycles'),
    tile('Instructions', count(instructions), 'of the controller', 'instructions'),
    ...(macs > 0 ? [tile('MAC/cycle', decimal(macs / cycles), peakText(data), 'macs-per-cycle')] : []),
    ...(memory === undefined
      ? []
      : [
          tile('Arena', bytes(memory.arenaBytes), `lower bound ${bytes(memory.arenaLowerBoundBytes)}`, 'arena-bytes'),
          tile('Read-only data', bytes(memory.readOnlyBytes), `stack ${bytes(memory.stackBytes)}`, 'read-only-bytes'),
        ]),
    ...(check === undefined
      ? []
      : [
          tile(
            'Outputs',
            check.match ? 'equal' : `${count(check.mismatches)} differ`,
            `${count(check.samples)} sample${check.samples === 1 ? '' : 's'}, against ${check.against}`,
            'outputs',
          ),
        ]),
    ...(data.findings === undefined
      ? []
      : [tile('Findings', count(data.findings.length), 'of the sanitizer', 'finding-count')]),
  ]
  return section(
    'summary',
    'Summary',
    html('dl', { class: 'tiles' }, ...tiles),
    end === undefined ? undefined : html('p', { class: 'note' }, end),
  )
}

const peakText = ({ summary: { macs, cycles }, roofline }: ReportData) =>
  roofline === undefined
    ? `${count(macs)} MACs`
    : `${percent(macs / cycles, roofline.peakMacsPerCycle)} of ${count(roofline.peakMacsPerCycle)}`

export function findingsSection(findings: readonly FindingData[] | undefined): HTMLElement {
  if (findings === undefined)
    return section('findings', 'Sanitizer', html('p', { class: 'note' }, 'It was not asked: run with --sanitize.'))
  if (findings.length === 0) return section('findings', 'Sanitizer', html('p', { class: 'good' }, 'It found nothing.'))
  return section('findings', 'Sanitizer', html('ol', { class: 'findings' }, ...findings.map(finding)))
}

function finding({ kind, at, message, times, first, second }: FindingData): HTMLElement {
  const sides = [first, second]
    .filter((side) => side !== undefined)
    .map((side) => {
      const place = side.place === undefined ? '' : ` (${side.place.file}:${side.place.line})`
      const where = side.function === undefined ? '' : `, ${side.function}`
      return html('li', {}, `cycle ${count(side.at)}: ${side.what}${where}${place}`)
    })
  const often = times > 1 ? `, ${count(times)} times` : ''
  return html(
    'li',
    {},
    html('strong', {}, kind),
    ` at cycle ${count(at)}${often}`,
    html('div', {}, message),
    html('ul', {}, ...sides),
  )
}

export function provenanceSection({ provenance }: ReportData): HTMLElement {
  const groups = provenance.map(({ title, rows }) =>
    html(
      'div',
      { class: 'group' },
      html('h3', {}, title),
      html('dl', { class: 'facts' }, ...rows.flatMap(([name, value]) => [html('dt', {}, name), html('dd', {}, value)])),
    ),
  )
  return section('provenance', 'Configuration', html('div', { class: 'groups' }, ...groups))
}
