/** Cycle counts measured on RTL: one row for a region of a program on a core. */
import { UserError } from '../../sim/diagnostic.ts'

export interface Measurement {
  readonly core: string
  readonly config: string
  readonly program: string
  readonly isa: string
  readonly region: number
  readonly cycles: number
  readonly instructions: number
}

const COLUMNS = ['core', 'config', 'program', 'isa', 'region', 'cycles', 'instructions'] as const
type Column = (typeof COLUMNS)[number]

/**
 * Reads a CSV file with a header line; columns may stand in any order, others are ignored.
 *
 * @throws UserError when a column is missing or a count is no number
 */
export function parseMeasurements(text: string, file: string): Measurement[] {
  const [header = '', ...lines] = text.trim().split(/\r?\n/)
  const columns = header.split(',')
  const missing = COLUMNS.find((column) => !columns.includes(column))
  if (missing !== undefined) {
    const hint = `its first line should name ${COLUMNS.join(', ')}`
    throw new UserError('timing-csv', `there is no column '${missing}'`, hint, { file })
  }
  return lines.map((line, index) => {
    const cells = line.split(',')
    const text = (column: Column) => cells[columns.indexOf(column)] ?? ''
    const count = (column: Column) => {
      if (/^\d+$/.test(text(column))) return Number(text(column))
      const at = `line ${index + 2}`
      throw new UserError('timing-csv', `${column} '${text(column)}' is no count`, 'write a whole number', { file, at })
    }
    return {
      core: text('core'),
      config: text('config'),
      program: text('program'),
      isa: text('isa'),
      region: count('region'),
      cycles: count('cycles'),
      instructions: count('instructions'),
    }
  })
}
