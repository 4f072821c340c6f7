import type { AcceleratorDescription, AnyCommand, FieldSpec, FieldValues, ParameterTable } from './description.ts'
import { u8 } from './description.ts'

/** Fields that stand before those of every command of a ring. */
const headerFields = {
  opcode: u8('which command this is'),
  wait: u8('units to take one token from before starting, one bit each'),
  signal: u8('units to give one token to after finishing, one bit each'),
  reserved: u8('must be zero'),
} as const

/** A field with its place in the command. */
export interface PlacedField {
  readonly name: string
  readonly spec: FieldSpec
  /** Position of the lowest bit from the start of the command. */
  readonly bit: number
}

/** Bit layout of a command: header, then its fields in order, each at its natural alignment. */
export function layoutOf(command: Pick<AnyCommand, 'fields'>): readonly PlacedField[] {
  let next = 0
  return Object.entries({ ...headerFields, ...command.fields }).map(([name, spec]) => {
    const bit = spec.bit ?? Math.ceil(next / spec.bits) * spec.bits
    next = bit + spec.bits
    return { name, spec, bit }
  })
}

/** Value of `bits` bits at `bit`, little endian. Aligned 8, 16 and 32-bit fields take the short way. */
function readBits(view: DataView, base: number, bit: number, bits: number, signed: boolean): number {
  const byte = base + (bit >> 3)
  if ((bit & 7) === 0) {
    if (bits === 8) return signed ? view.getInt8(byte) : view.getUint8(byte)
    if (bits === 16) return signed ? view.getInt16(byte, true) : view.getUint16(byte, true)
    if (bits === 32) return signed ? view.getInt32(byte, true) : view.getUint32(byte, true)
  }
  let value = 0
  for (let i = 0; i < bits; i++) value += ((view.getUint8(base + ((bit + i) >> 3)) >> ((bit + i) & 7)) & 1) * 2 ** i
  return signed && value >= 2 ** (bits - 1) ? value - 2 ** bits : value
}

function writeBits(view: DataView, base: number, bit: number, bits: number, value: number): void {
  const byte = base + (bit >> 3)
  if ((bit & 7) === 0) {
    if (bits === 8) view.setUint8(byte, value)
    if (bits === 16) view.setUint16(byte, value, true)
    if (bits === 32) view.setUint32(byte, value, true)
    if (bits === 8 || bits === 16 || bits === 32) return
  }
  const pattern = BigInt.asUintN(bits, BigInt(value))
  for (let i = 0; i < bits; i++) {
    const at = base + ((bit + i) >> 3)
    const mask = 1 << ((bit + i) & 7)
    const set = (pattern >> BigInt(i)) & 1n
    view.setUint8(at, set === 1n ? view.getUint8(at) | mask : view.getUint8(at) & ~mask)
  }
}

/** A command with its field values, header included. */
export interface DecodedCommand {
  readonly name: string
  readonly spec: AnyCommand
  readonly fields: FieldValues
}

/** Encoders and decoder of one accelerator's commands. */
export class CommandFormat {
  readonly bytes: number
  private readonly byName = new Map<string, { spec: AnyCommand; layout: readonly PlacedField[] }>()
  private readonly byOpcode = new Map<number, string>()

  constructor(description: AcceleratorDescription<ParameterTable>) {
    this.bytes = description.frontEnd.bytesPerCommand
    for (const [name, spec] of Object.entries(description.commands)) {
      this.byName.set(name, { spec, layout: layoutOf(spec) })
      this.byOpcode.set(spec.opcode, name)
    }
  }

  /**
   * Writes a command at byte `offset` of `into`; fields that are not given are zero.
   * @throws RangeError when a value does not fit its field: a bug of the compiler, never of the user.
   */
  encode(name: string, values: Readonly<Record<string, number>>, into: Uint8Array, offset = 0): void {
    const { spec, layout } = this.lookUp(name)
    const view = new DataView(into.buffer, into.byteOffset + offset, this.bytes)
    const all: Record<string, number> = { ...values, opcode: spec.opcode }
    for (const key of Object.keys(values))
      if (!layout.some((place) => place.name === key)) throw new RangeError(`${name} has no field ${key}`)
    for (const place of layout) {
      const value = all[place.name] ?? 0
      const { bits, signed } = place.spec
      const low = signed ? -(2 ** (bits - 1)) : 0
      const high = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1
      if (!Number.isInteger(value) || value < low || value > high)
        throw new RangeError(`${name}.${place.name} = ${value} does not fit ${low}..${high}`)
      writeBits(view, 0, place.bit, bits, value)
    }
  }

  /** Reads the command at byte `offset`; undefined when the opcode is unknown. */
  decode(from: Uint8Array, offset = 0): DecodedCommand | undefined {
    const name = this.byOpcode.get(from[offset]!)
    if (name === undefined) return undefined
    const { spec, layout } = this.lookUp(name)
    const view = new DataView(from.buffer, from.byteOffset + offset, this.bytes)
    const fields: Record<string, number> = {}
    for (const place of layout) fields[place.name] = readBits(view, 0, place.bit, place.spec.bits, place.spec.signed)
    return { name, spec, fields }
  }

  /** Bits of a command that no field uses and that must be zero, as a byte mask. */
  unusedBits(name: string): Uint8Array {
    const mask = new Uint8Array(this.bytes).fill(0xff)
    for (const { bit, spec } of this.lookUp(name).layout)
      for (let i = bit; i < bit + spec.bits; i++) mask[i >> 3] = mask[i >> 3]! & ~(1 << (i & 7))
    return mask
  }

  private lookUp(name: string) {
    const found = this.byName.get(name)
    if (found === undefined) throw new RangeError(`no command ${name}`)
    return found
  }
}
