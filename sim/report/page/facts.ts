/** The parts of the page that are text: summary, findings, provenance. */
import type { Finding } from '../../sanitize/finding.ts'
import type { ReportData } from '../report-data.ts'
import { html, section } from './dom.ts'
import { brief, bytes, count, decimal, percent, seconds } from './format.ts'
import { showInTimeline, type View } from './view.ts'

/** Cycles shown on both sides of a finding. */
const AROUND = 200

/** The figures that everybody looks for first. */
export function summarySection(data: ReportData): HTMLElement {
  const { end } = data.summary
  return section(
    'summary',
    'Summary',
    html('dl', { class: 'tiles' }, ...summaryTiles(data)),
    end === undefined ? undefined : html('p', { class: 'note below' }, end),
  )
}

function tile(name: string, value: string, about: string, id: string): HTMLElement {
  const [number, text] = [html('dd', { id }, value), html('dd', { class: 'about' }, about)]
  return html('div', { class: 'tile' }, html('dt', {}, name), number, text)
}

function summaryTiles(data: ReportData): HTMLElement[] {
  const { cycles, clockHz, macs, instructions, check, memory } = data.summary
  return [
    tile('Cycles', count(cycles), `${seconds(cycles / clockHz)} at ${clockHz / 1e6} MHz`, 'cycles'),
    ...(instructions === undefined
      ? []
      : [tile('Instructions', count(instructions), 'of the controller', 'instructions')]),
    ...(macs > 0 ? [tile('MAC/cycle', decimal(macs / cycles), peakText(data), 'macs-per-cycle')] : []),
    ...(data.arena === undefined ? [] : [tile('Arena', bytes(data.arena.bytes), arenaText(data.arena), 'arena-bytes')]),
    ...(memory === undefined
      ? []
      : [
          tile(
            'Read-only data',
            bytes(memory.readOnlyBytes),
            `${count(memory.readOnlyBytes)} bytes`,
            'read-only-bytes',
          ),
          tile('Stack', bytes(memory.stackBytes), 'of the controller, at most', 'stack-bytes'),
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
}

const peakText = ({ summary: { macs, cycles }, roofline }: ReportData) =>
  roofline === undefined
    ? `${count(macs)} MACs`
    : `${percent(macs / cycles, roofline.peakMacsPerCycle)} of ${brief(roofline.peakMacsPerCycle)}; ${count(macs)} MACs`

function arenaText({ bytes, lowerBoundBytes: least }: NonNullable<ReportData['arena']>): string {
  if (least === undefined) return `${count(bytes)} bytes`
  const bound = bytes === least ? 'the least possible' : `${percent(bytes - least, least)} above the lower bound`
  return `${count(bytes)} bytes, ${bound}`
}

/** What the sanitizer has to say; a click on a finding shows its place in the timeline. */
export function findingsSection(findings: readonly Finding[] | undefined, view: View): HTMLElement {
  if (findings === undefined) {
    const text =
      'It did not look on. sim report firmware.elf has it do so, and --sanitize beside --report of sim infer.'
    return section('findings', 'Sanitizer', html('p', { class: 'note' }, text))
  }
  if (findings.length === 0) return section('findings', 'Sanitizer', html('p', { class: 'good' }, 'It found nothing.'))
  const items = findings.map((finding) => findingItem(finding, view))
  const title = `Sanitizer: ${count(findings.length)} finding${findings.length === 1 ? '' : 's'}`
  return section('findings', title, html('ol', { class: 'findings' }, ...items))
}

function findingItem({ kind, at, message, times, first, second }: Finding, view: View): HTMLElement {
  const sides = [first, second]
    .filter((side) => side !== undefined)
    .map((side) => {
      const { caller, callerPlace, pc } = side
      const where = side.function ?? (pc === undefined ? undefined : `pc 0x${pc.toString(16).padStart(8, '0')}`)
      const places = [
        placed(where, side.place),
        ...(caller === undefined ? [] : [`called by ${placed(caller, callerPlace)}`]),
      ]
      const text = [side.what, ...places.filter((one) => one !== '')].join(', ')
      return html('li', {}, `cycle ${count(side.at)}: ${text}`)
    })
  const button = html('button', { type: 'button', class: 'link', title: 'Show in the timeline' }, kind)
  button.addEventListener('click', () => {
    const begin = Math.min(at, first?.at ?? at, second?.at ?? at)
    showInTimeline(view, { from: begin - AROUND, until: at + AROUND }, { row: 'findings', at, label: kind })
  })
  const often = times > 1 ? `, ${count(times)} times` : ''
  return html('li', {}, button, ` at cycle ${count(at)}${often}`, html('div', {}, message), html('ul', {}, ...sides))
}

/** `main (main.c:12)` */
function placed(name: string | undefined, place: NonNullable<Finding['first']>['place']): string {
  const line = place === undefined ? '' : `${place.file}:${place.line}`
  if (name === undefined) return line
  return line === '' ? name : `${name} (${line})`
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
