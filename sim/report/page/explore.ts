/** Charts by pointer, finger and keyboard: what something in them is stands below, in words. */
import { html } from './dom.ts'

/** Class of what can be explored; it carries its description as its accessible name. */
export const ITEM = 'item'

export interface Explorer {
  /** Where the description of one item stands. */
  readonly about: HTMLElement
  /** After the chart was drawn. */
  settle(): void
}

/** Of each list in a chart one item at a time is reached by Tab; arrow keys go to the others. */
export function explorable(host: HTMLElement, hint: string): Explorer {
  // The same text is each item's name: nobody needs to hear it twice.
  const about = html('div', { class: 'details', 'aria-hidden': 'true' }, hint)
  const itemAt = (event: Event) => (event.target as Element).closest<SVGElement>(`.${ITEM}`)
  const tell = (event: Event) => {
    const text = itemAt(event)?.getAttribute('aria-label')
    if (text) about.textContent = text
  }
  for (const kind of ['focusin', 'pointerover', 'click']) host.addEventListener(kind, tell)
  host.addEventListener('keydown', (event) => {
    const item = itemAt(event)
    if (item === null || event.ctrlKey || event.metaKey || event.altKey) return
    const items = itemsOf(item.closest('[role=list]')!)
    const to = target(event.key, items.indexOf(item), items.length - 1)
    if (to === undefined) return
    event.preventDefault()
    moveStop(items, to)
    items[to]!.focus()
  })
  const settle = () => {
    for (const list of host.querySelectorAll('[role=list]')) moveStop(itemsOf(list), 0)
  }
  return { about, settle }
}

const itemsOf = (list: Element) => [...list.querySelectorAll<SVGElement>(`.${ITEM}`)]

/** Which item can be reached by Tab. */
function moveStop(items: readonly SVGElement[], to: number): void {
  for (const [i, item] of items.entries()) item.setAttribute('tabindex', i === to ? '0' : '-1')
}

/** Index of the item that a key goes to; undefined for other keys. */
function target(key: string, now: number, last: number): number | undefined {
  const targets: Readonly<Record<string, number>> = {
    ArrowRight: Math.min(last, now + 1),
    ArrowDown: Math.min(last, now + 1),
    ArrowLeft: Math.max(0, now - 1),
    ArrowUp: Math.max(0, now - 1),
    Home: 0,
    End: last,
  }
  return targets[key]
}
