import { debugInfo } from '../debug-info/debug-info.ts'
import type { NetworkMap } from '../debug-info/network-map.ts'
import type { ElfImage } from '../elf/image.ts'
import type { ProgramSymbol } from '../elf/symbols.ts'
import type { SocDescription } from '../soc/description.ts'
import type { EventGroup } from './events.ts'

/** What a trace says of the run before it begins: JSON in the file. */
export interface TraceHeader {
  /** Name of the program's file. */
  readonly program: string
  readonly entry: number
  readonly soc: SocDescription
  /** Instruction set and timing model of the hart. */
  readonly isa: string
  readonly cpu: string
  /** What was recorded. */
  readonly events: readonly EventGroup[]
  /** Layout of the commands of the SoC's accelerator, by name. */
  readonly commands?: Readonly<Record<string, CommandLayout>>
  readonly symbols: readonly ProgramSymbol[]
  readonly network?: NetworkMap
  /** What of the run; all of it when absent, as in traces that were recorded before there was this. */
  readonly window?: TracedWindow
}

/** When a trace records, by the options of the command line: cycles, a region of interest, or a function. */
export interface TracedWindow {
  readonly from?: number
  readonly to?: number
  readonly region?: number
  readonly function?: string
}

/** Unit and fields of a command: name, lowest bit, bits, whether signed. */
export interface CommandLayout {
  readonly opcode: number
  readonly unit: string
  readonly fields: readonly (readonly [name: string, bit: number, bits: number, signed: boolean])[]
}

/** What stands in the header of every trace of a platform; the rest is known when the program is loaded. */
export type TracedPlatform = Omit<TraceHeader, 'program' | 'entry' | 'events' | 'symbols' | 'network' | 'window'>

/** What is asked of a trace. */
export interface TraceTask {
  readonly platform: TracedPlatform
  readonly events: ReadonlySet<EventGroup>
  /** Of the run; all of it when absent. */
  readonly covers?: TracedWindow
}

/** The header of a trace of this program. */
export function traceHeader({ platform, events, covers }: TraceTask, image: ElfImage | undefined): TraceHeader {
  const network = image && debugInfo(image).network
  return {
    ...platform,
    program: image?.name ?? 'none',
    entry: image?.entry ?? 0,
    events: [...events],
    symbols: image?.symbols.all ?? [],
    ...(network && { network }),
    ...(covers && { window: covers }),
  }
}
