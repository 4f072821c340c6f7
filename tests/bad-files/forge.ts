import type { MachineState } from '../../sim/machine.ts'
import { encodeSnapshot } from '../../sim/snapshot/file.ts'
import type { State } from '../../sim/snapshot/state.ts'
import { damaged, pick, type Random } from './damage.ts'

/** A member of a state that can be changed. */
interface Place {
  readonly holder: Record<string, State>
  readonly name: string
}

const strange: readonly State[] = [
  ...[0, 1, -1, 2, 3, 7, 31, 32, 64, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 31), 1e300, -1e300],
  ...[null, true, false, '', 'x', '__proto__', [], {}, 0n, -1n, 2n ** 64n, 2n ** 70n],
  [[[[]]]],
  { at: 0, order: 0 },
  { at: 2 ** 52, order: -1 },
  new Uint8Array(0),
  new Uint8Array(4096).fill(0xff),
]

/**
 * A snapshot whose content was changed and whose checksum fits again: members exchanged, dropped or added, lists cut or
 * extended, bytes damaged.
 */
export function forged(state: State, random: Random): Uint8Array {
  for (let count = random(1, 3); count > 0; count--) change(pick(random, placesIn(state)), random)
  return encodeSnapshot(state as MachineState)
}

function placesIn(state: State): Place[] {
  if (typeof state !== 'object' || state === null || state instanceof Uint8Array) return []
  const holder = state as Record<string, State>
  return Object.keys(holder).flatMap((name) => [{ holder, name }, ...placesIn(holder[name])])
}

function change({ holder, name }: Place, random: Random): void {
  const value = holder[name]
  const how = random(0, 5)
  if (how === 0) delete holder[name]
  else if (how === 1) holder[`${name}x`] = value
  else if (how === 2) holder[name] = pick(random, strange)
  else if (value instanceof Uint8Array) holder[name] = damaged(value, random)
  else if (typeof value === 'number') holder[name] = value + pick(random, [1, -1, 4, 100, -100, 2 ** 20, 0.25])
  else if (typeof value === 'bigint') holder[name] = value + BigInt(pick(random, [1, -1, 2 ** 40]))
  else if (typeof value === 'boolean') holder[name] = !value
  else if (Array.isArray(value))
    holder[name] = [...value, ...value].slice(random(0, value.length), random(0, 2 * value.length))
  else holder[name] = pick(random, strange)
}
