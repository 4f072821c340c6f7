import type { AcceleratorDescription, Cost } from '../../../sim/accel/description.ts'
import { CommandFormat, layoutOf } from '../../../sim/accel/layout.ts'

/** One change of a command stream, as the bytes of all commands that it gives. */
export interface Mutation {
  readonly kind: 'token' | 'swap' | 'address'
  readonly what: string
  readonly stream: Uint8Array
}

const WAIT = 1
const SIGNAL = 2
/** By how much addresses are shifted: a vector, a row. */
const SHIFTS = [16, 64]

/** Every dropped token and every exchange of neighbours, and shifts of every address of a stream. */
export function mutationsOf(stream: Uint8Array, description: AcceleratorDescription): Mutation[] {
  const format = new CommandFormat(description)
  const size = format.bytes
  const mutations: Mutation[] = []
  const add = (kind: Mutation['kind'], what: string, change: (copy: Uint8Array) => void) => {
    const copy = Uint8Array.from(stream)
    change(copy)
    mutations.push({ kind, what, stream: copy })
  }
  for (let at = 0; at < stream.length; at += size) {
    const command = format.decode(stream, at)!
    const name = `command ${at / size} (${command.name})`
    for (const [side, byte] of [
      ['wait', WAIT],
      ['signal', SIGNAL],
    ] as const)
      for (const [unit, unitName] of description.units.entries())
        if (((stream[at + byte]! >> unit) & 1) === 1)
          add('token', `${name} does not ${side} ${unitName}`, (copy) => (copy[at + byte]! &= ~(1 << unit)))
    if (at + size < stream.length)
      add('swap', `${name} after the next one`, (copy) => {
        copy.set(stream.subarray(at + size, at + 2 * size), at)
        copy.set(stream.subarray(at, at + size), at + size)
      })
    for (const { name: field, spec, bit } of layoutOf(command.spec)) {
      if (spec.memory === undefined || (spec.memory === 'ram' && command.fields[field] === 0)) continue
      const shift = SHIFTS[mutations.length % SHIFTS.length]!
      add('address', `${name} ${field} + ${shift}`, (copy) => {
        const view = new DataView(copy.buffer, at)
        view.setUint32(bit >> 3, view.getUint32(bit >> 3, true) + shift, true)
      })
    }
  }
  return mutations
}

/** The same accelerator with other, legal times: each unit slower by a factor of its own, each command by some cycles. */
export function perturbed(description: AcceleratorDescription, seed: number): AcceleratorDescription {
  let state = seed * 2_654_435_761
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 8) % limit
  }
  const factors = new Map(description.units.map((unit) => [unit, [1, 1, 4, 30][below(4)]!]))
  const commands = Object.entries(description.commands).map(([name, spec]) => {
    const cycles: typeof spec.cycles = (fields, parameters): Cost => {
      const cost = spec.cycles(fields, parameters)
      return { ...cost, cycles: cost.cycles * (factors.get(spec.unit) ?? 1) + below(400) }
    }
    return [name, { ...spec, cycles }] as const
  })
  return { ...description, commands: Object.fromEntries(commands) }
}
