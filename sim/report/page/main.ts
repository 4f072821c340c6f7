/** The page of a report: unpacks the data and builds everything from it. */
import type { ReportData } from '../report-data.ts'
import { visibleText } from '../visible-text.ts'
import { html } from './dom.ts'
import { findingsSection, provenanceSection, summarySection } from './facts.ts'
import { flameSection } from './flame-graph.ts'
import { hartSection } from './hart.ts'
import { layersSection } from './layers-table.ts'
import { memorySection } from './memory.ts'
import { rooflineSection } from './roofline.ts'
import { timelineSection } from './timeline.ts'
import { View } from './view.ts'

async function unpack(): Promise<string> {
  const packed = document.getElementById('report-data')!.textContent!
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0))
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text()
}

function build(data: ReportData, json: string): void {
  const view = new View(data.timeline.cycles)
  const sections = [
    summarySection(data),
    ...(data.layers.length > 0 ? [layersSection(data, view)] : []),
    timelineSection(data, view),
    ...(data.roofline ? [rooflineSection(data, data.roofline)] : []),
    memorySection(data),
    ...(data.flame ? [flameSection(data.flame)] : []),
    ...(data.hart ? [hartSection(data.hart)] : []),
    findingsSection(data.findings, view),
    provenanceSection(data),
  ].filter((one) => one !== undefined)
  const links = sections.map((one) =>
    html('li', {}, html('a', { href: `#${one.id}` }, one.querySelector('h2')!.textContent ?? '')),
  )
  const save = html(
    'a',
    {
      class: 'save',
      download: 'report.json',
      href: URL.createObjectURL(new Blob([json], { type: 'application/json' })),
    },
    'JSON',
  )
  const header = html(
    'header',
    {},
    html('h1', {}, data.title),
    html('p', { class: 'subtitle' }, data.subtitle),
    html('nav', { 'aria-label': 'Sections' }, html('ul', {}, ...links, html('li', {}, save))),
  )
  document.getElementById('page')!.replaceChildren(header, html('main', {}, ...sections))
  document.documentElement.dataset.ready = ''
}

const json = await unpack()
const spelt = (_key: string, value: unknown) => (typeof value === 'string' ? visibleText(value) : value)
build(JSON.parse(json, spelt) as ReportData, json)
