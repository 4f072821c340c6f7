import type { IssuedCommand } from '../accel/listener.ts'
import type { ScratchpadData } from './report-data.ts'

/** Bytes that are followed together. */
const LINE_BYTES = 64

interface Line {
  readonly writtenAt: number
  /** Number of the command that wrote it, by which lines merge. */
  readonly writer: number
  readonly layer: number
  readAt: number
}

interface Span {
  readonly from: number
  readonly until: number
  readonly layer: number
  readonly writer: number
  readonly address: number
  bytes: number
}

/** When each part of a scratchpad was in use: from when it was written to the last time that was read. */
export class ScratchpadUse {
  private readonly name: string
  private readonly lines: (Line | undefined)[]
  private readonly ended: Span[] = []

  constructor(name: string, bytes: number) {
    this.name = name
    this.lines = Array.from({ length: Math.ceil(bytes / LINE_BYTES) })
  }

  /** A command has finished. @param number tells it from all others */
  follow(command: IssuedCommand, number: number, layer: number, started: number, finished: number): void {
    const { regions } = command
    for (const region of regions) {
      if (region.memory !== this.name || region.access !== 'read') continue
      eachLine(region, (line) => {
        const known = this.lines[line]
        if (known !== undefined) known.readAt = finished
      })
    }
    for (const region of regions) {
      if (region.memory !== this.name || region.access !== 'write') continue
      eachLine(region, (line) => {
        if (this.lines[line]?.writer === number) return
        this.end(line)
        this.lines[line] = { writtenAt: started, writer: number, layer, readAt: finished }
      })
    }
  }

  spans(): Required<ScratchpadData['spans']> {
    for (const line of this.lines.keys()) this.end(line)
    const spans = mergeLines(this.ended)
    return {
      from: spans.map(({ from }) => from),
      until: spans.map(({ until }) => until),
      address: spans.map(({ address }) => address),
      bytes: spans.map(({ bytes }) => bytes),
      layer: spans.map(({ layer }) => layer),
      command: spans.map(({ writer }) => writer),
    }
  }

  private end(line: number): void {
    const known = this.lines[line]
    if (known === undefined) return
    this.lines[line] = undefined
    const { writtenAt: from, readAt: until, layer, writer } = known
    this.ended.push({ from, until, layer, writer, address: line * LINE_BYTES, bytes: LINE_BYTES })
  }
}

function eachLine(
  { start, bytes, repeat = [] }: IssuedCommand['regions'][number],
  visit: (line: number) => void,
): void {
  const loop = (at: number, level: number) => {
    const dimension = repeat[level]
    if (dimension === undefined) {
      for (let line = Math.floor(at / LINE_BYTES); line * LINE_BYTES < at + bytes; line++) visit(line)
      return
    }
    for (let i = 0; i < dimension.count; i++) loop(at + i * dimension.stride, level + 1)
  }
  loop(start, 0)
}

/** Neighbouring lines that one command wrote and that were read for the last time together. */
function mergeLines(lines: readonly Span[]): Span[] {
  const sorted = lines.toSorted((a, b) => a.writer - b.writer || a.until - b.until || a.address - b.address)
  const spans: Span[] = []
  for (const line of sorted) {
    const last = spans.at(-1)
    const joins =
      last?.writer === line.writer && last.until === line.until && last.address + last.bytes === line.address
    if (joins) last.bytes += line.bytes
    else spans.push({ ...line })
  }
  return spans.sort((a, b) => a.from - b.from || a.address - b.address)
}

/** Most bytes in use at once. */
export function peakOf({ from, until, bytes }: ScratchpadData['spans']): number {
  const steps = bytes.flatMap((size, i) => [
    { at: from[i]!, bytes: size },
    { at: until[i]!, bytes: -size },
  ])
  // What ends makes room for what begins at the same instant.
  steps.sort((a, b) => a.at - b.at || a.bytes - b.bytes)
  let [now, most] = [0, 0]
  for (const { bytes } of steps) most = Math.max(most, (now += bytes))
  return most
}
