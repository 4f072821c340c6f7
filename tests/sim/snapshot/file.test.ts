import { describe, expect, test } from 'vitest'
import { UserError } from '../../../sim/diagnostic.ts'
import { checksum } from '../../../sim/snapshot/checksum.ts'
import { decodeState, encodeState } from '../../../sim/snapshot/encode.ts'
import { encodeSnapshot, restoreSnapshot } from '../../../sim/snapshot/file.ts'
import { PagedState } from '../../../sim/snapshot/pages.ts'
import { randomFrom } from '../accel/rig.ts'
import { digest, machine } from './machines.ts'

const original = machine()
original.writeMemory(
  0x8000_0000,
  Uint8Array.from({ length: 9000 }, (_, index) => index * 7),
)
original.hart.csrs.cycle.setLow(123)
const state = original.save()
const file = encodeSnapshot(state)
const target = machine()

/** The message with which a file is refused; undefined when it is taken. Anything but a UserError is a failure. */
function refusal(bytes: Uint8Array): string | undefined {
  try {
    restoreSnapshot(target, bytes, 'a.snap')
    return undefined
  } catch (error) {
    if (error instanceof UserError) return error.render()
    throw error
  }
}

/** The file with a checksum that fits whatever its content is now. */
function sealed(bytes: Uint8Array): Uint8Array {
  new DataView(bytes.buffer).setUint32(12, checksum(bytes.subarray(16)), true)
  return bytes
}

describe('a snapshot file', () => {
  test('brings back what was saved', () => {
    expect(refusal(file)).toBeUndefined()
    expect(digest(target.save())).toEqual(digest(state))
  })

  test('is small when little memory is in use', () => {
    expect(file.length).toBeLessThan(4000)
  })

  test('of another kind, another version, cut short or damaged is refused in one sentence', () => {
    expect(refusal(new Uint8Array(0))).toMatch(/^a\.snap: it is no snapshot; /)
    expect(refusal(new TextEncoder().encode('\\x7fELF and more than enough bytes'))).toContain('it is no snapshot')
    const newer = file.slice()
    newer[8] = 99
    expect(refusal(newer)).toContain('it has version 99 of the snapshot format, not 2')
    expect(refusal(file.subarray(0, file.length - 1))).toContain('truncated or damaged')
  })

  test('with any single byte changed is refused', () => {
    for (let at = 0; at < file.length; at++) {
      const damaged = file.slice()
      damaged[at]! ^= 0x41
      expect(refusal(damaged), `byte ${at}`).toBeDefined()
    }
  })

  test('of any random content never gives anything but a refusal', () => {
    const random = randomFrom(7)
    for (let round = 0; round < 2000; round++) {
      const bytes = Uint8Array.from({ length: random(0, 80) }, () => random(0, 255))
      if (round % 2 === 0) bytes.set(file.subarray(0, Math.min(12, bytes.length)))
      expect(refusal(bytes)).toBeDefined()
      if (bytes.length > 20) refusal(sealed(bytes))
    }
  })

  test('of changed content with a checksum that fits gives a refusal or a machine that still answers', () => {
    const random = randomFrom(11)
    for (let round = 0; round < 300; round++) {
      const damaged = file.slice()
      for (let change = random(1, 4); change > 0; change--) damaged[random(16, file.length - 1)] = random(0, 255)
      refusal(sealed(damaged))
    }
    expect(refusal(file)).toBeUndefined()
    expect(target.run({ maxInstructions: 5 }).instructions).toBeLessThanOrEqual(5)
  })
})

describe('states as bytes', () => {
  test('keep every kind of value', () => {
    const value = {
      a: 1n << 70n,
      b: [Uint8Array.of(1, 2), new Uint8Array(0)],
      c: null,
      d: 'ü€',
      e: [-1, 0.5, true],
      f: {},
    }
    expect(decodeState(encodeState(value))).toEqual(value)
  })

  test('leave out what is undefined', () => {
    expect(decodeState(encodeState({ a: undefined, b: 1 }))).toEqual({ b: 1 })
  })
})

describe('pages of a memory', () => {
  test('are those with content, and shared between states in a row', () => {
    const bytes = new Uint8Array(5 * 4096 + 64)
    const paged = new PagedState(bytes)
    bytes[4096] = 1
    bytes[5 * 4096] = 2
    const first = paged.save()
    expect(Object.keys(first)).toEqual(['1', '5'])
    bytes[4097] = 3
    const second = paged.save()
    expect(second[5]).toBe(first[5])
    expect(second[1]).not.toBe(first[1])
    expect(first[1]![1]).toBe(0)
  })

  test('that differ are the only ones restoring writes', () => {
    const bytes = new Uint8Array(4 * 4096)
    const paged = new PagedState(bytes)
    bytes[0] = 1
    const saved = paged.save()
    bytes[4096] = 2
    const writes: number[] = []
    paged.restore(saved, (offset, from) => {
      writes.push(offset)
      bytes.set(from, offset)
    })
    expect(writes).toEqual([4096])
    expect(bytes[4096]).toBe(0)
  })
})
