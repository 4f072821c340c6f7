import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cnn } from '../../../accelerators/cnn/hardware.ts'
import {
  type AcceleratorDescription,
  commandsOf,
  type FieldSpec,
  i32,
  u8,
  u16,
  u32,
} from '../../../sim/accel/description.ts'
import { CommandFormat, layoutOf } from '../../../sim/accel/layout.ts'

/** An accelerator with one command of these fields. */
function withFields(fields: Record<string, FieldSpec>): AcceleratorDescription {
  const command = commandsOf()({
    ...{ opcode: 1, unit: 'only', doc: '', fields },
    check: () => undefined,
    touches: () => [],
    cycles: () => ({ cycles: 0 }),
    execute: () => undefined,
  })
  const timing = () => ({ clockDivider: 1, queueDepth: 1, fetch: { cycles: 0 }, decodeCycles: 0 })
  const frontEnd = { kind: 'ring', bytesPerCommand: 32, timing } as const
  const shape = { parameters: {}, memories: () => ({}), units: ['only'], registers: [] }
  return { name: 'test', doc: '', ...shape, frontEnd, commands: { it: command } }
}

describe('the layout of a command', () => {
  test('is the header, then every field at its natural alignment', () => {
    const layout = layoutOf({ fields: { a: u8(''), b: u32(''), c: u8(''), d: u16(''), e: i32('') } })
    const places = layout.map(({ name, bit }) => `${name} ${bit / 8}`)
    expect(places.join(', ')).toBe('opcode 0, wait 1, signal 2, reserved 3, a 4, b 8, c 12, d 14, e 16')
  })

  test('every command of cnn fits its slot, and no two fields overlap', () => {
    for (const [name, command] of Object.entries(cnn.commands)) {
      const used = layoutOf(command).flatMap(({ bit, spec }) => Array.from({ length: spec.bits }, (_, i) => bit + i))
      expect(new Set(used).size, name).toBe(used.length)
      expect(Math.max(...used), name).toBeLessThan(8 * cnn.frontEnd.bytesPerCommand)
    }
  })

  test('opcodes of cnn differ', () => {
    const opcodes = Object.values(cnn.commands).map(({ opcode }) => opcode)
    expect(new Set(opcodes).size).toBe(opcodes.length)
  })
})

describe('encoding', () => {
  test('what is encoded decodes to the same values, at any place, for every command of cnn', () => {
    const format = new CommandFormat(cnn)
    for (const [name, command] of Object.entries(cnn.commands)) {
      const values = Object.fromEntries(
        layoutOf(command)
          .filter((place) => place.name !== 'opcode')
          .map(({ name: field, spec: { bits, signed } }) => [
            field,
            fc.integer({ min: signed ? -(2 ** (bits - 1)) : 0, max: 2 ** (signed ? bits - 1 : bits) - 1 }),
          ]),
      )
      fc.assert(
        fc.property(fc.record(values), fc.nat(64), (fields, offset) => {
          const bytes = new Uint8Array(128 + 64)
          format.encode(name, fields as Record<string, number>, bytes, offset)
          expect(format.decode(bytes, offset)).toMatchObject({ name, fields: { ...fields, opcode: command.opcode } })
        }),
        { numRuns: 50, seed: 2 },
      )
    }
  })

  test('fields of any width stand at the bits that the description gives', () => {
    const odd = { bits: 5, signed: true, doc: '', bit: 37 }
    const wide = { bits: 19, signed: false, doc: '', bit: 42 }
    const format = new CommandFormat(withFields({ odd, wide }))
    const bytes = new Uint8Array(32)
    format.encode('it', { odd: -3, wide: 0x5a5a5 }, bytes)
    const all = new DataView(bytes.buffer).getBigUint64(0, true)
    expect((all >> 37n) & 31n).toBe(29n)
    expect((all >> 42n) & 0x7ffffn).toBe(0x5a5a5n)
    expect(format.decode(bytes)?.fields).toMatchObject({ odd: -3, wide: 0x5a5a5 })
    expect([...format.unusedBits('it').subarray(0, 8)]).toEqual([0, 0, 0, 0, 0x1f, 0, 0, 0xe0])
  })

  test('a value that does not fit its field, or a field that does not exist, is refused', () => {
    const format = new CommandFormat(cnn)
    const bytes = new Uint8Array(64)
    expect(() => format.encode('load', { rows: 65536 }, bytes)).toThrow('load.rows = 65536 does not fit 0..65535')
    expect(() => format.encode('load', { padValue: -129 }, bytes)).toThrow('load.padValue = -129')
    expect(() => format.encode('load', { row: 1 }, bytes)).toThrow('load has no field row')
    expect(() => format.encode('lod', {}, bytes)).toThrow('no command lod')
  })

  test('an unknown opcode decodes to nothing', () => {
    expect(new CommandFormat(cnn).decode(new Uint8Array(64))).toBeUndefined()
  })
})
