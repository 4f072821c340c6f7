import { html } from './dom.ts'
import { count } from './format.ts'

export interface Column<R> {
  readonly title: string
  /** What rows are sorted by; columns without are not sorted. */
  readonly value?: (row: R) => number | string
  readonly cell: (row: R) => Node | string
  /** Stands on the left, and is sorted from A to Z first. */
  readonly text?: boolean
  /** Is left out where there is little room. */
  readonly wide?: boolean
}

export interface TableOptions<R> {
  readonly id: string
  /** For those who cannot see it. */
  readonly caption: string
  readonly columns: readonly Column<R>[]
  readonly rows: readonly R[]
  /** Rows that are shown at first; all when absent. */
  readonly most?: number
  readonly foot?: HTMLElement
}

/** A table whose rows are sorted by a click on a column's title. */
export function sortedTable<R>({ id, caption, columns, rows, most, foot }: TableOptions<R>): HTMLElement {
  const body = html('tbody')
  let [shown, order] = [Math.min(rows.length, most ?? rows.length), rows]
  const fill = () => body.replaceChildren(...order.slice(0, shown).map((row) => bodyRow(columns, row)))
  const sort = (sorted: readonly R[]) => {
    order = sorted
    fill()
  }
  fill()
  const table = html(
    'table',
    { id },
    html('caption', { class: 'hidden' }, caption),
    head(columns, rows, sort),
    body,
    foot,
  )
  const all = html('button', { type: 'button', class: 'link more' }, `Show all ${count(rows.length)}`)
  all.addEventListener('click', () => {
    shown = rows.length
    fill()
    all.remove()
    // With the button the place of the keyboard would be gone.
    scroll.focus()
  })
  const scroll = html('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption }, table)
  return html('div', {}, scroll, shown < rows.length ? all : undefined)
}

/** Of a cell of a column. */
export function classOf({ text, wide }: Pick<Column<never>, 'text' | 'wide'>): { class?: string } {
  const names = [...(text ? ['text'] : []), ...(wide ? ['wide'] : [])]
  return names.length === 0 ? {} : { class: names.join(' ') }
}

function bodyRow<R>(columns: readonly Column<R>[], row: R): HTMLElement {
  return html(
    'tr',
    {},
    ...columns.map((column) => {
      const content = column.cell(row)
      return html('td', classOf(column), column.text ? html('div', { class: 'words' }, content) : content)
    }),
  )
}

function head<R>(columns: readonly Column<R>[], rows: readonly R[], sorted: (rows: readonly R[]) => void): HTMLElement {
  const cells = columns.map((column) => {
    const { title, value, text } = column
    const cell = html('th', { scope: 'col', ...classOf(column) })
    if (value === undefined) cell.append(title)
    else {
      const button = html('button', { type: 'button' }, title)
      button.addEventListener('click', () => sort(value, text === true || cell === cells[0], cell))
      cell.append(button)
    }
    return cell
  })
  const sort = (value: (row: R) => number | string, upwards: boolean, cell: HTMLElement) => {
    const [first, other] = upwards ? (['ascending', 'descending'] as const) : (['descending', 'ascending'] as const)
    const order = cell.ariaSort === first ? other : first
    for (const one of cells) one.removeAttribute('aria-sort')
    cell.setAttribute('aria-sort', order)
    const sign = order === 'ascending' ? 1 : -1
    sorted(rows.toSorted((a, b) => sign * compare(value(a), value(b))))
  }
  return html('thead', {}, html('tr', {}, ...cells))
}

const compare = (a: number | string, b: number | string) => (a < b ? -1 : a > b ? 1 : 0)
