import type { AcceleratorDescription, Cost } from '../../../sim/accel/description.ts'
import { CommandFormat, layoutOf } from '../../../sim/accel/layout.ts'

/** One change of firmware: other bytes at an address. */
export interface Mutation {
  readonly kind: 'token' | 'swap' | 'address' | 'fence too early' | 'no interrupt' | 'no fence instruction'
  readonly what: string
  readonly address: number
  readonly bytes: Uint8Array
}

const WAIT = 1
const SIGNAL = 2
/** By how much addresses are shifted: a vector, a row. */
const SHIFTS = [16, 64]

/** How many commands earlier a fence comes. */
const EARLIER = [2, 4]
const NOP = 0x13

/**
 * Every dropped token and every exchange of neighbours, shifts of every address, fences some commands earlier or without
 * their interrupt, of the stream at an address.
 */
export function mutationsOf(address: number, stream: Uint8Array, description: AcceleratorDescription): Mutation[] {
  const format = new CommandFormat(description)
  const size = format.bytes
  const mutations: Mutation[] = []
  const add = (kind: Mutation['kind'], what: string, change: (copy: Uint8Array) => void) => {
    const copy = Uint8Array.from(stream)
    change(copy)
    mutations.push({ kind, what, address, bytes: copy })
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
    if (command.spec.unit === 'front-end') {
      for (const earlier of EARLIER)
        if (at >= earlier * size)
          add('fence too early', `${name} ${earlier} commands earlier`, (copy) => {
            copy.set(stream.subarray(at - earlier * size, at), at - (earlier - 1) * size)
            copy.set(stream.subarray(at, at + size), at - earlier * size)
          })
      if (command.fields.interrupt === 1)
        add('no interrupt', `${name} does not interrupt`, (copy) =>
          format.encode(command.name, { ...command.fields, interrupt: 0 }, copy, at),
        )
    }
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

/** Every fence instruction of the code at an address as a nop. */
export function fenceMutations(address: number, code: Uint8Array): Mutation[] {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength)
  const isFence = (at: number) => (view.getUint32(at, true) & 0x707f) === 0x0f
  const places = Array.from({ length: code.length >> 2 }, (_, i) => 4 * i).filter(isFence)
  const bytes = new Uint8Array(Uint32Array.of(NOP).buffer)
  return places.map((at) => ({
    kind: 'no fence instruction',
    what: `nop at 0x${(address + at).toString(16)}`,
    address: address + at,
    bytes,
  }))
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
