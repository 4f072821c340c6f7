import { buildProgram } from '../../../programs/build.ts'
import { programs } from '../../../programs/programs.ts'
import type { TraceFormat } from '../../../sim/trace/convert/format.ts'
import { TraceReader } from '../../../sim/trace/reader.ts'
import { type Recording, recordFirmware } from './golden.ts'

/** The trace of a program of this repository, built here and run to its end. */
export async function recordProgram(name: string, options: Recording = {}): Promise<TraceReader> {
  const elf = await buildProgram(programs.find((row) => row.name === name)!)
  return new TraceReader(await recordFirmware({ name, elf }, options), name)
}

/** A trace in another format. */
export function converted(trace: TraceReader, format: TraceFormat, selection = {}): string {
  let text = ''
  format.convert(trace, selection, (piece) => {
    text += piece
  })
  return text
}
