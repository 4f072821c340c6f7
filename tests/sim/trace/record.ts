import { buildProgram } from '../../../programs/build.ts'
import { programs } from '../../../programs/programs.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import type { SocDescription } from '../../../sim/soc/description.ts'
import type { TraceFormat } from '../../../sim/trace/convert/format.ts'
import { eventGroups } from '../../../sim/trace/events.ts'
import type { TracedWindow } from '../../../sim/trace/header.ts'
import { TraceReader } from '../../../sim/trace/reader.ts'
import type { Window } from '../../../sim/trace/window.ts'
import { TraceWriter } from '../../../sim/trace/writer.ts'
import { guest } from '../guest.ts'
import { type Recording, recordFirmware } from './golden.ts'

/** The trace of a program of this repository, built here and run to its end. */
export async function recordProgram(name: string, options: Recording = {}): Promise<TraceReader> {
  const elf = await buildProgram(programs.find((row) => row.name === name)!)
  return new TraceReader(await recordFirmware({ name, elf }, options), name)
}

interface InstructionRecording extends Omit<Recording, 'beside'> {
  readonly soc?: SocDescription
  /** Instructions. */
  readonly limit?: number
  readonly covers?: TracedWindow
  readonly window?: Window
}

/** A file with the trace of a few instructions. */
export function recordInstructions(program: readonly number[], options: InstructionRecording = {}): Uint8Array {
  const { cpu = 'ideal', groups = eventGroups, soc = defaultSoc, limit, covers, window } = options
  const pieces: Uint8Array[] = []
  const platform = { soc, isa: 'rv32im', cpu }
  const events = new Set(groups)
  const chosen = { ...(covers && { covers }), ...(window && { window }) }
  const writer = new TraceWriter((bytes) => pieces.push(bytes.slice()), { platform, events, ...chosen })
  guest(program, { cpu, probes: [writer.probe] }).run(limit === undefined ? {} : { maxInstructions: limit })
  writer.close()
  return new Uint8Array(Buffer.concat(pieces))
}

/** A trace in another format. */
export function converted(trace: TraceReader, format: TraceFormat, selection = {}): string {
  let text = ''
  format.convert(trace, selection, (piece) => {
    text += piece
  })
  return text
}
