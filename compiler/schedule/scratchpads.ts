import type { MemorySpec } from '../../sim/accel/description.ts'
import type { Storage } from './program.ts'

/** A run of bytes with one history. */
interface Span {
  readonly start: number
  readonly end: number
  /** Who lives here now. */
  readonly owner?: Storage
  /** When free: the time from which the bytes may be written again. */
  readonly ready: number
}
type Spans = readonly Span[]

/** State of all scratchpads at one time; a plain value, so that search can go back to it. */
export type ScratchpadState = ReadonlyMap<string, Spans>

export function emptyScratchpads(memories: Readonly<Record<string, MemorySpec>>): ScratchpadState {
  return new Map(
    Object.entries(memories).map(([name, { bytes }]) => [name, [{ start: 0, end: bytes, ready: 0 }] as Spans]),
  )
}

const overlapping = (spans: Spans, start: number, end: number) => spans.filter((s) => s.start < end && start < s.end)

/** Replaces `[start, end)` by one span, keeping what stands around it. */
function replace(spans: Spans, span: Span): Spans {
  const kept = spans.flatMap((s) =>
    s.end <= span.start || span.end <= s.start
      ? [s]
      : [
          { ...s, end: span.start },
          { ...s, start: span.end },
        ].filter(({ start, end }) => end > start),
  )
  const all = [...kept, span].sort((a, b) => a.start - b.start)
  return all.reduce<Span[]>((joined, next) => {
    const last = joined.at(-1)
    if (last && !last.owner && !next.owner && last.ready === next.ready)
      joined[joined.length - 1] = { ...last, end: next.end }
    else joined.push(next)
    return joined
  }, [])
}

/**
 * Finds room for a storage: of all places that are free, the one that has been out of use the longest,
 * as far as that matters at time `now`. This is what makes buffers alternate, so that a transfer can
 * fill one while the unit that works on the other is still busy. Equal places: the lowest address.
 * @returns its address and the new state, or undefined when no gap is large enough
 */
export function allocate(
  state: ScratchpadState,
  storage: Storage,
  now: number,
): { address: number; state: ScratchpadState } | undefined {
  const spans = state.get(storage.memory)!
  const { bytes, alignment } = storage
  const up = (value: number) => Math.ceil(value / alignment) * alignment
  const down = (value: number) => Math.floor(value / alignment) * alignment
  const candidates = new Set(spans.flatMap((span) => [up(span.start), down(span.end - bytes)]))
  let best: { address: number; ready: number } | undefined
  for (const address of [...candidates].sort((a, b) => a - b)) {
    if (address < 0 || address + bytes > spans.at(-1)!.end) continue
    const under = overlapping(spans, address, address + bytes)
    if (under.some((span) => span.owner)) continue
    const ready = Math.max(now, ...under.map((span) => span.ready))
    if (best === undefined || ready < best.ready) best = { address, ready }
  }
  if (best === undefined) return undefined
  return { address: best.address, state: claim(state, storage, best.address) }
}

/** Gives a storage an address that is free. */
export function claim(state: ScratchpadState, storage: Storage, address: number): ScratchpadState {
  const span = { start: address, end: address + storage.bytes, owner: storage, ready: 0 }
  return new Map(state).set(storage.memory, replace(state.get(storage.memory)!, span))
}

/** Frees a storage whose last use ends at time `ready`. */
export function release(state: ScratchpadState, storage: Storage, ready: number): ScratchpadState {
  const spans = state.get(storage.memory)!
  const span = spans.find(({ owner }) => owner === storage)!
  return new Map(state).set(storage.memory, replace(spans, { start: span.start, end: span.end, ready }))
}
