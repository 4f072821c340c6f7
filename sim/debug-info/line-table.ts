import type { LineProgram, LineSequence, SourcePlace } from './dwarf-line.ts'

/** Source places by address, from all line programs of a file. */
export class LineTable {
  private readonly starts: Float64Array
  private readonly sequences: readonly { readonly sequence: LineSequence; readonly files: readonly string[] }[]

  /** @param isCode whether an address holds code; what the linker has dropped stands at addresses that do not */
  constructor(programs: Iterable<LineProgram>, isCode: (address: number) => boolean) {
    this.sequences = [...programs]
      .flatMap(({ files, sequences }) => sequences.map((sequence) => ({ sequence, files })))
      .filter(({ sequence: { start, end } }) => start < end && isCode(start))
      .sort((a, b) => a.sequence.start - b.sequence.start)
    this.starts = Float64Array.from(this.sequences, ({ sequence }) => sequence.start)
  }

  /** The source line that the code at `address` was made from; undefined when none is known. */
  at(address: number): SourcePlace | undefined {
    const found = this.sequences[lastNotAbove(this.starts, address, (start) => start)]
    if (found === undefined || address >= found.sequence.end) return undefined
    const { rows } = found.sequence
    const row = rows[lastNotAbove(rows, address, (one) => one.address)]
    const file = row && found.files[row.file]
    return row === undefined || file === undefined || row.line === 0 ? undefined : { file, line: row.line }
  }
}

/** Index of the last of ascending values that is not above `limit`; -1 when all are. */
function lastNotAbove<T>(values: ArrayLike<T>, limit: number, value: (one: T) => number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (value(values[middle]!) <= limit) low = middle + 1
    else high = middle
  }
  return low - 1
}
