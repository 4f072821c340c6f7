import type { ReportData } from '../report/report-data.ts'
import { reportPage } from './report-page.ts'
import { writeOutput } from './write-output.ts'

/**
 * Writes a report: its data when the file is called `.json`, else the page.
 *
 * @throws UserError when it cannot be written
 */
export async function writeReport(file: string, data: ReportData): Promise<void> {
  writeOutput(file, file.endsWith('.json') ? `${JSON.stringify(data)}\n` : await reportPage(data))
}
