/**
 * Everything that a report shows, as plain data: what the page draws is this and nothing else. Instants are cycles of
 * the SoC clock from `from` on; long lists are columns.
 */
import type { CycleSplit, LayerProfile } from '../profile/inference-profile.ts'
import type { RunProfile } from '../profile/run-profile.ts'
import type { Finding } from '../sanitize/finding.ts'

export interface ReportData {
  readonly version: 2
  /** The model or the firmware. */
  readonly title: string
  /** On what it ran. */
  readonly subtitle: string
  readonly summary: Summary
  /** In order of time; without the controller's work between them. */
  readonly layers: readonly LayerData[]
  /** Where the cycles between the layers went, for an inference. */
  readonly between?: CycleSplit & { readonly cycles: number }
  readonly timeline: Timeline
  /** Functions, lines and causes of the hart's cycles; this and `flame` are absent when no instructions were recorded. */
  readonly hart?: RunProfile
  readonly flame?: FlameFrame
  readonly arena?: ArenaData
  readonly scratchpads: readonly ScratchpadData[]
  readonly roofline?: Roofline
  /** Of the sanitizer, when it was there; an instant below 0 is before what is shown. */
  readonly findings?: readonly Finding[]
  readonly provenance: readonly ProvenanceGroup[]
}

interface Summary {
  readonly cycles: number
  readonly instructions?: number
  readonly clockHz: number
  readonly macs: number
  /** How the run ended, when that is worth telling. */
  readonly end?: string
  /** Whether outputs are right, for an inference. */
  readonly check?: {
    readonly samples: number
    readonly match: boolean
    readonly mismatches: number
    readonly against: string
  }
  readonly memory?: {
    readonly arenaBytes: number
    readonly arenaLowerBoundBytes: number
    readonly readOnlyBytes: number
    readonly stackBytes: number
  }
}

/** What cycles went to, each to one thing: what overlaps counts for the first in this order. */
export const activities = ['compute', 'dmaIn', 'dmaOut', 'cpu', 'idle'] as const satisfies (keyof CycleSplit)[]
export type Activity = (typeof activities)[number]

/** A layer as `sim infer --profile` has it; commands are in the timeline. */
export type LayerData = Omit<LayerProfile, 'tiles'>

/** What happened when. */
interface Timeline {
  /** Length. */
  readonly cycles: number
  /** Units of the accelerator. */
  readonly units: readonly string[]
  readonly commands: CommandColumns
  readonly tokens: TokenColumns
  /** Functions of the hart, by depth of the call. */
  readonly calls: CallColumns
  /** When the hart stood still; absent when that was not recorded. */
  readonly waits?: SpanColumns
  readonly traps: readonly TrapData[]
}

export interface SpanColumns {
  readonly from: readonly number[]
  readonly until: readonly number[]
}

/** How the value of a field is read: a number, an address in RAM, units by bit, or named values. */
export type FieldFormat =
  | 'number'
  | 'address'
  | 'units'
  | { readonly values: Readonly<Record<string, number>>; readonly flags: boolean }

export interface CommandColumns extends SpanColumns {
  /** Kinds of commands, with the names of their fields and how these are read. */
  readonly kinds: readonly {
    readonly name: string
    readonly fields: readonly string[]
    readonly formats?: readonly FieldFormat[]
  }[]
  readonly kind: readonly number[]
  readonly unit: readonly number[]
  /** Index in the command stream. */
  readonly index: readonly number[]
  /** Position in `layers`; -1 for none. */
  readonly layer: readonly number[]
  readonly queued: readonly number[]
  readonly macs: readonly number[]
  /** Between RAM and the accelerator. */
  readonly bytes: readonly number[]
  readonly values: readonly (readonly number[])[]
  /** Positions of the commands whose tokens it took. */
  readonly waitedFor: readonly (readonly number[])[]
  /** What the compiler made each for; empty when it is not from the compiler. This and the next two only with a network. */
  readonly notes?: readonly string[]
  /** Names of tensors, and of pieces of scratchpads. */
  readonly things?: readonly string[]
  /** Which things each is about. */
  readonly touches?: readonly (readonly number[])[]
}

/** How many tokens are on their way from one unit to another; from an instant on, up to the next of the same pair. */
export interface TokenColumns {
  /** Names of units. */
  readonly pairs: readonly { readonly from: string; readonly to: string }[]
  readonly pair: readonly number[]
  readonly at: readonly number[]
  readonly count: readonly number[]
}

export interface CallColumns extends SpanColumns {
  readonly names: readonly string[]
  readonly name: readonly number[]
  readonly depth: readonly number[]
  /** Calls that took less than this are left out, because there are too many. */
  readonly shortest: number
}

export interface TrapData extends Record<'from' | 'until', number> {
  readonly name: string
}

/** Cycles by call path. */
export interface FlameFrame {
  readonly name: string
  /** Cycles in it and all that it called. */
  readonly cycles: number
  readonly children: readonly FlameFrame[]
}

/** Bytes of a memory that are one thing during some layers. */
export interface MemoryPiece {
  readonly name: string
  readonly offset: number
  readonly bytes: number
  /** Positions in `layers`, both included. */
  readonly first: number
  readonly last: number
}

export interface ArenaData {
  readonly bytes: number
  /** What the compiler has computed, alignment included; firmware that was built before it said so does not tell. */
  readonly lowerBoundBytes?: number
  readonly tensors: readonly (MemoryPiece & { readonly type: string })[]
}

/** When which bytes of a scratchpad held something that was still to be read. */
export interface ScratchpadData {
  readonly name: string
  readonly bytes: number
  /** Most bytes in use at once, in what is shown. */
  readonly peakBytes: number
  readonly spans: SpanColumns & {
    readonly address: readonly number[]
    readonly bytes: readonly number[]
    readonly layer: readonly number[]
    /** Position in `timeline.commands` of the command that wrote it; negative when that is not shown. */
    readonly command?: readonly number[]
  }
  /** Tensors that stay here, tiles and weights, where the compiler has put them; with a network. */
  readonly pieces?: readonly MemoryPiece[]
}

export interface Roofline {
  readonly peakMacsPerCycle: number
  readonly bytesPerCycle: number
}

export interface ProvenanceGroup {
  readonly title: string
  readonly rows: readonly (readonly [name: string, value: string])[]
}
