import type { State } from './state.ts'

/** Whether all numbers of a state are whole ones that are held exactly: blocks keep no others. */
export function isExact(state: State): boolean {
  if (typeof state === 'number') return Number.isSafeInteger(state)
  if (typeof state !== 'object' || state === null || state instanceof Uint8Array) return true
  return Object.values(state).every(isExact)
}

/**
 * Whether a state that was read has values of the same kinds as a machine's own, wherever that has one. Members that are
 * only there at times (never lists or bytes), and elements of lists beyond its own, may be anything but big integers.
 */
export function hasFormOf(own: State, read: State): boolean {
  if (own === undefined) return isPlain(read)
  if (read === undefined) return !Array.isArray(own) && !(own instanceof Uint8Array)
  if (kindOf(own) !== kindOf(read)) return false
  if (Array.isArray(own)) return (read as State[]).every((element, index) => hasFormOf(own[index], element))
  if (kindOf(own) !== 'object') return true
  return Object.entries(own as object).every(([name, value]) => hasFormOf(value, (read as Record<string, State>)[name]))
}

/** Free of big integers: what keeps them has them always. */
function isPlain(state: State): boolean {
  if (typeof state === 'bigint') return false
  return typeof state !== 'object' || state === null || Object.values(state).every(isPlain)
}

function kindOf(value: State): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  return value instanceof Uint8Array ? 'bytes' : typeof value
}
