/** The timeline: a canvas that is panned and zoomed by mouse, touch and keyboard. */
import type { ReportData } from '../report-data.ts'
import { html, section } from './dom.ts'
import { count } from './format.ts'
import { TimelineCanvas } from './timeline-canvas.ts'
import { listenToKeys, listenToPointers, listenToWheel, STEP } from './timeline-input.ts'
import { tracksOf } from './tracks.ts'
import type { View } from './view.ts'

const HELP =
  'Drag to move. To zoom turn the wheel after a click, or with Ctrl; pinch; or double-click. Keys: ← → move, ↑ ↓ or + − zoom, Home shows all, N and P go to the next and previous item of a row, J and K to the row below and above, Enter zooms to it, Escape lets go of it.'
const UNITS_HELP =
  ' Grey in the row of a unit: a command is there and waits for tokens. Rows like load→compute: tokens that are given and not yet taken, and the most of them.'
const SCRATCHPAD_HELP =
  ' Rows of scratchpads: bytes in use, address 0 at the bottom, in the colours of the layers that wrote them.'

export function timelineSection(data: ReportData, view: View): HTMLElement {
  const timeline = new TimelineCanvas(tracksOf(data), view)
  listenToKeys(timeline, view)
  listenToWheel(timeline, view)
  listenToPointers(timeline, view)
  const { shortest } = data.timeline.calls
  const note = shortest > 1 ? ` Calls of fewer than ${count(shortest)} cycles are left out.` : ''
  return section(
    'timeline',
    'Timeline',
    toolbar(timeline, view),
    html('div', { class: 'chart' }, timeline.canvas, timeline.tip),
    timeline.details,
    html('p', { id: 'timeline-help', class: 'note' }, HELP + helpOf(data) + note),
  )
}

const helpOf = ({ timeline: { commands }, scratchpads }: ReportData) =>
  (commands.kind.length > 0 ? UNITS_HELP : '') + (scratchpads.length > 0 ? SCRATCHPAD_HELP : '')

function toolbar({ range }: TimelineCanvas, view: View): HTMLElement {
  const button = (label: string, text: string, action: () => void) => {
    const one = html('button', { type: 'button', 'aria-label': label, title: label }, text)
    one.addEventListener('click', action)
    return one
  }
  return html(
    'div',
    { class: 'toolbar', role: 'toolbar', 'aria-label': 'Timeline' },
    button('Zoom in', '+', () => view.glide(...view.zoomed(1 / STEP))),
    button('Zoom out', '−', () => view.glide(...view.zoomed(STEP))),
    button('Earlier', '←', () => view.glide(view.from - view.span / 2, view.until - view.span / 2)),
    button('Later', '→', () => view.glide(view.from + view.span / 2, view.until + view.span / 2)),
    button('Show all', 'all', () => view.glide(0, view.cycles)),
    range,
  )
}
