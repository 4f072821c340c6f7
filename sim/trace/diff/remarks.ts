/** In what two traces differ before anything has happened: the program, the platform, and what of the run they hold. */
import { hex } from '../../hex.ts'
import type { TracedWindow } from '../header.ts'
import type { TraceReader } from '../reader.ts'
import { firstDifference } from './first-difference.ts'

export interface Remark {
  readonly kind: 'program' | 'soc' | 'isa' | 'cpu' | 'cut-off' | 'empty' | 'window' | 'begin'
  readonly message: string
}

export function remarksOn(a: TraceReader, b: TraceReader): Remark[] {
  const found = (kind: Remark['kind'], message: string | undefined): Remark[] =>
    message === undefined ? [] : [{ kind, message }]
  const soc = firstDifference(a.header.soc, b.header.soc)
  return [
    ...found('program', programs(a, b)),
    ...found('soc', soc && `the traces are of different SoC descriptions: ${soc}`),
    ...found('isa', pair('instruction sets', a.header.isa, b.header.isa)),
    ...found('cpu', pair('timing models', a.header.cpu, b.header.cpu)),
    ...[a, b].flatMap((trace) => found('cut-off', cutOffText(trace))),
    ...[a, b].flatMap((trace) => found('empty', trace.index.length === 0 ? emptyText(trace) : undefined)),
    ...found('window', windows(a, b)),
    ...found('begin', begins(a, b)),
  ]
}

const pair = (what: string, a: string, b: string) =>
  a === b ? undefined : `the traces are of different ${what}: ${a} and ${b}`

function programs(a: TraceReader, b: TraceReader): string | undefined {
  const differences = [entries(a, b), symbols(a, b), code(a, b)].filter((one) => one !== undefined)
  if (differences.length === 0) return undefined
  const [x, y] = [a.header.program, b.header.program]
  return `the traces are of different programs${x === y ? '' : `, ${x} and ${y}`}: ${differences.join('; ')}`
}

function entries({ header: a }: TraceReader, { header: b }: TraceReader): string | undefined {
  return a.entry === b.entry ? undefined : `they begin at ${hex(a.entry)} and ${hex(b.entry)}`
}

function symbols(a: TraceReader, b: TraceReader): string | undefined {
  const other = new Map(b.header.symbols.map(({ name, address }) => [name, address]))
  for (const { name, address } of a.header.symbols) {
    const there = other.get(name)
    if (there === undefined) return `only ${a.file} has the symbol ${name}`
    if (there !== address) return `${name} is at ${hex(address)} and ${hex(there)}`
  }
  const own = new Set(a.header.symbols.map(({ name }) => name))
  const added = b.header.symbols.find(({ name }) => !own.has(name))
  return added && `only ${b.file} has the symbol ${added.name}`
}

/** The first address, in the order of the second run, at which the other one has run other code. */
function code(a: TraceReader, b: TraceReader): string | undefined {
  if (a.hasChunksOf(b)) return undefined
  const known = codeOf(a)
  for (const [pc, raw] of codeOf(b)) {
    if ((known.get(pc) ?? raw) !== raw) return `other code at ${hex(pc)} in ${b.functionAt(pc)}`
  }
  return undefined
}

/** Encodings by address, as they first ran. */
function codeOf(trace: TraceReader): Map<number, number> {
  const code = new Map<number, number>()
  trace.read({
    instructions: ({ count, pc, raw }) => {
      for (let e = 0; e < count; e++) if (!code.has(pc[e]!)) code.set(pc[e]!, raw[e]!)
    },
  })
  return code
}

/** Up to where a trace is readable; undefined when that is its end. */
export function cutOffText({ complete, file, index }: TraceReader): string | undefined {
  if (complete) return undefined
  const until = index.at(-1)?.[2]
  return `${file} is cut off${until === undefined ? '' : ` at cycle ${until}`}: the end of its run is missing`
}

export const emptyText = ({ file }: TraceReader) => `${file} holds nothing`

function windows(a: TraceReader, b: TraceReader): string | undefined {
  const [x, y] = [windowText(a.header.window), windowText(b.header.window)]
  return x === y ? undefined : `${a.file} was recorded ${x}, ${b.file} ${y}`
}

/** By which options of the command line a trace was narrowed. */
export function windowText(window: TracedWindow = {}): string {
  const options = Object.entries(window).map(([name, value]) => `--trace-${name} ${value}`)
  return options.length === 0 ? 'all the time' : `with ${options.join(' ')}`
}

/** A run that a snapshot was the begin of. */
function begins(a: TraceReader, b: TraceReader): string | undefined {
  const whole = ({ header: { window, events } }: TraceReader) => window === undefined && events.includes('commit')
  const [x, y] = [a.index[0]?.[1], b.index[0]?.[1]]
  if (!whole(a) || !whole(b) || x === undefined || y === undefined || x === y) return undefined
  return `${a.file} begins at cycle ${x}, ${b.file} at cycle ${y}`
}
