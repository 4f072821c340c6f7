/** What a trace holds beside instructions. Instants are cycles of the SoC clock. */

/** A command of an accelerator, as far as views need it. */
export interface TraceCommand {
  readonly name: string
  readonly unit: string
  /** Its index in the stream, counted from the last write of the ring's base. */
  readonly index: number
  /** Where it stands in RAM. */
  readonly address: number
  /** Values by name, in the order of the layout. */
  readonly fields: Readonly<Record<string, number>>
  readonly regions: readonly TraceRegion[]
}

/** Bytes that a command reads or writes, over all its repetitions. */
interface TraceRegion {
  /** A memory of the accelerator, or `ram`. */
  readonly memory: string
  readonly write: boolean
  readonly start: number
  readonly bytes: number
}

/** A command got into the queue of its unit; the unit took it; its effect is visible. */
export type CommandEventKind = 'queued' | 'started' | 'finished'

export type TraceEvent =
  /** The hart went to its trap handler; bit 31 of `cause` is set for interrupts. */
  | {
      readonly kind: 'trap'
      readonly at: number
      readonly pc: number
      readonly handler: number
      readonly cause: number
      readonly value: number
    }
  | { readonly kind: 'return'; readonly at: number; readonly pc: number; readonly privilege: number }
  /** A wire into the interrupt controller changed. */
  | { readonly kind: 'irq'; readonly at: number; readonly irq: number; readonly level: boolean }
  /** The hart accessed a device; `value` is undefined when the device refused. */
  | {
      readonly kind: 'mmio'
      readonly at: number
      readonly pc: number
      readonly region: string
      readonly offset: number
      readonly size: number
      readonly write: boolean
      readonly value: number | undefined
    }
  /** The hart loaded or stored; only in traces without instructions, which say it themselves. */
  | {
      readonly kind: 'mem'
      readonly at: number
      readonly pc: number
      readonly address: number
      readonly size: number
      readonly write: boolean
      readonly value: number
    }
  | { readonly kind: 'uart'; readonly at: number; readonly byte: number }
  /** The hart stood still from `at` to `until`. */
  | { readonly kind: 'idle'; readonly at: number; readonly until: number; readonly pc: number }
  | { readonly kind: CommandEventKind; readonly at: number; readonly command: TraceCommand }
  | { readonly kind: 'token'; readonly at: number; readonly from: string; readonly to: string; readonly count: number }
  | { readonly kind: 'fence'; readonly at: number; readonly sequence: number }
  /** The accelerator's ring stopped. */
  | { readonly kind: 'error'; readonly at: number; readonly message: string }
  /** The accelerator was reset: commands that waited or were under way are gone. */
  | { readonly kind: 'reset'; readonly at: number }
  /** A layer of the network began or ended. */
  | { readonly kind: 'layer'; readonly at: number; readonly index: number; readonly begins: boolean }

export type TraceEventKind = TraceEvent['kind']

/** What `--trace-events` chooses from; `commit` stands for the instructions. */
export const eventGroups = ['commit', 'mem', 'mmio', 'trap', 'irq', 'dma', 'compute', 'token', 'layer', 'uart'] as const
export type EventGroup = (typeof eventGroups)[number]

/** The groups that events of each kind belong to: they are kept when one of them is chosen. */
const groupsOfKind: Readonly<Record<TraceEventKind, readonly EventGroup[]>> = {
  trap: ['trap'],
  return: ['trap'],
  irq: ['irq'],
  mmio: ['mmio'],
  mem: ['mem'],
  uart: ['uart'],
  idle: ['trap'],
  queued: ['dma', 'compute'],
  started: ['dma', 'compute'],
  finished: ['dma', 'compute'],
  token: ['token'],
  fence: ['token', 'dma', 'compute'],
  error: ['dma', 'compute', 'token'],
  reset: ['dma', 'compute', 'token'],
  layer: ['layer'],
}

/** Kinds of events that are kept when these groups are chosen. */
export function kindsOf(groups: ReadonlySet<EventGroup>): TraceEventKind[] {
  const kinds = Object.keys(groupsOfKind) as TraceEventKind[]
  return kinds.filter((kind) => groupsOfKind[kind].some((group) => groups.has(group)))
}

/** The groups that an event belongs to: of those of its kind, a command's is what it does. */
export function groupsOf(event: TraceEvent): readonly EventGroup[] {
  if ('command' in event) return [movesData(event.command) ? 'dma' : 'compute']
  return groupsOfKind[event.kind]
}

/** Whether a command is a transfer between RAM and the accelerator. */
export function movesData({ regions }: { readonly regions: readonly { readonly memory: string }[] }): boolean {
  for (const { memory } of regions) if (memory === 'ram') return true
  return false
}
