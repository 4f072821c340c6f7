/**
 * What LOAD and STORE cost. A transfer is `planes` x `rows` runs of contiguous bytes; runs that touch
 * merge. A run is split into bursts. A burst occupies the RAM port for one cycle per word of
 * `dmaBytesPerCycle` that it touches, so misalignment costs a word; with `dmaChannels` bursts in
 * flight it also cannot end sooner than the latency allows. The scratchpad side moves one vector of
 * the same width per cycle, at any alignment.
 */
import type { Cost, Region } from '../../sim/accel/description.ts'
import { type CnnParameters, SETUP_CYCLES } from './parameters.ts'

/** `bytes` contiguous bytes, repeated `rows` times at `rowStride`, all of it `planes` times at `planeStride`. */
export interface Runs {
  readonly start: number
  readonly bytes: number
  readonly rows: number
  readonly rowStride: number
  readonly planes: number
  readonly planeStride: number
}

/** The runs as a region that a command touches; `field` holds their start. */
export function regionOf(memory: string, access: Region['access'], field: string, runs: Runs): Region {
  const repeat = [
    { count: runs.planes, stride: runs.planeStride },
    { count: runs.rows, stride: runs.rowStride },
  ]
  return { memory, access, field, start: runs.start, bytes: runs.bytes, repeat }
}

/** The same bytes in as few runs as possible. */
export function mergeRuns(runs: Runs): Runs {
  let { bytes, rows, rowStride, planes, planeStride } = runs
  if (rows > 1 && rowStride === bytes) {
    bytes *= rows
    rows = 1
  }
  if (rows === 1) {
    rows = planes
    rowStride = planeStride
    planes = 1
    if (rows > 1 && rowStride === bytes) {
      bytes *= rows
      rows = 1
    }
  }
  return { start: runs.start, bytes, rows, rowStride, planes, planeStride }
}

/** How many of `start + i * stride`, i < count, have each remainder modulo `word`. */
function remainders(start: number, stride: number, count: number, word: number): [remainder: number, count: number][] {
  const cycle: number[] = []
  for (let r = start % word; cycle.length < count && r !== cycle[0]; r = (r + stride) % word) cycle.push(r)
  return cycle.map((remainder, index) => [remainder, Math.ceil((count - index) / cycle.length)])
}

/** RAM port cycles of one run at `offset` in its first word, and what they stretch to when the latency shows. */
function runCycles(offset: number, bytes: number, p: CnnParameters): { beats: number; steady: number } {
  const word = p.dmaBytesPerCycle
  const burst = Math.max(1, Math.floor(p.dmaBurstBytes / word)) * word
  const whole = Math.floor(bytes / burst)
  const rest = bytes - whole * burst
  const beatsOf = (length: number) => Math.ceil((offset + length) / word)
  const steadyOf = (beats: number) => Math.max(beats, Math.ceil((p.dmaLatency + beats) / p.dmaChannels))
  const wholeBeats = beatsOf(burst)
  const restBeats = rest > 0 ? beatsOf(rest) : 0
  return {
    beats: whole * wholeBeats + restBeats,
    steady: whole * steadyOf(wholeBeats) + (rest > 0 ? steadyOf(restBeats) : 0),
  }
}

/** Cycles on the RAM port and in steady state of all runs; alignments repeat, so this is independent of their number. */
function ramCycles(ram: Runs, p: CnnParameters): { beats: number; steady: number } {
  const runs = mergeRuns(ram)
  const word = p.dmaBytesPerCycle
  let beats = 0
  let steady = 0
  for (const [plane, planeCount] of remainders(runs.start, runs.planeStride, runs.planes, word))
    for (const [offset, rowCount] of remainders(plane, runs.rowStride, runs.rows, word)) {
      const one = runCycles(offset, runs.bytes, p)
      beats += one.beats * planeCount * rowCount
      steady += one.steady * planeCount * rowCount
    }
  return { beats, steady }
}

/** Scratchpad cycles of all runs. */
function scratchCycles(scratch: Runs, p: CnnParameters): number {
  const runs = mergeRuns(scratch)
  return runs.planes * runs.rows * Math.ceil(runs.bytes / p.dmaBytesPerCycle)
}

/**
 * Cost of a transfer between RAM and a scratchpad. `padBytes` are written beside the data through the
 * same scratchpad port. The latency is paid once; both sides run at the same time.
 */
export function transferCost(ram: Runs, scratch: Runs, padBytes: number, p: CnnParameters): Cost {
  const { beats, steady } = ramCycles(ram, p)
  const scratchSide = scratchCycles(scratch, p) + Math.ceil(padBytes / p.dmaBytesPerCycle)
  return { busCycles: beats, cycles: SETUP_CYCLES + Math.max(p.dmaLatency + steady, scratchSide) - beats }
}
