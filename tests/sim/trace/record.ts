import { buildProgram, programSoc } from '../../../programs/build.ts'
import { programs } from '../../../programs/programs.ts'
import { acceleratorFactories } from '../../../sim/cli/accelerator-factories.ts'
import { ConsoleInput } from '../../../sim/console-input.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import { Machine } from '../../../sim/machine.ts'
import type { Probe } from '../../../sim/probe/probe.ts'
import type { TraceFormat } from '../../../sim/trace/convert/format.ts'
import { type EventGroup, eventGroups } from '../../../sim/trace/events.ts'
import { TraceReader } from '../../../sim/trace/reader.ts'
import { TraceWriter } from '../../../sim/trace/writer.ts'
import { programInput } from '../../programs/firmware.ts'

const MOST_INSTRUCTIONS = 5_000_000

/** The trace of a program of this repository, run to its end. */
export async function recordProgram(
  name: string,
  options: { readonly groups?: readonly EventGroup[]; readonly cpu?: string; readonly beside?: Probe } = {},
): Promise<TraceReader> {
  const { groups = eventGroups, cpu, beside = {} } = options
  const elf = await buildProgram(programs.find((row) => row.name === name)!)
  const soc = programSoc(name)
  const pieces: Uint8Array[] = []
  const platform = { soc, isa: soc.hart.isa, cpu: cpu ?? soc.hart.cpu }
  const writer = new TraceWriter((bytes) => pieces.push(bytes.slice()), { platform, events: new Set(groups) })
  const machine = new Machine(soc, {
    accelerators: await acceleratorFactories(soc, 'fast'),
    input: new ConsoleInput(programInput(name)),
    probes: [writer.probe, beside],
    ...(cpu === undefined ? {} : { cpu }),
  })
  machine.load(await loadElf(elf, name))
  machine.run({ maxInstructions: MOST_INSTRUCTIONS })
  writer.close()
  return new TraceReader(new Uint8Array(Buffer.concat(pieces)), name)
}

/** A trace in another format. */
export function converted(trace: TraceReader, format: TraceFormat, selection = {}): string {
  let text = ''
  format.convert(trace, selection, (piece) => {
    text += piece
  })
  return text
}
