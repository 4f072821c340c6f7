/** Cells of a table; numbers stand to the right, text to the left. */
export type Row = readonly (string | number)[]

/** Rows as text, two spaces apart, columns as wide as their widest cell. Columns of numbers are those of the last row. */
export function textTable(rows: readonly Row[]): string {
  const last = rows.at(-1) ?? []
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? groupDigits(cell) : cell)))
  const widths = last.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) =>
    row.map((cell, column) =>
      typeof last[column] === 'number' ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
    )
  return cells.map((row) => `${line(row).join('  ').trimEnd()}\n`).join('')
}

/** 1234567 as 1,234,567; digits behind the point stay. */
function groupDigits(value: number): string {
  const [whole, fraction] = String(value).split('.')
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}
