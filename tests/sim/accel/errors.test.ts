import { describe, expect, test } from 'vitest'
import { errorCodes, irq, NO_FIELD, status } from '../../../sim/accel/ring-registers.ts'
import { type Commands, move, RAM, RAM_BYTES, RING, Rig, unit } from './rig.ts'

const good = ['load', move(RAM, 0, 16)] as const

/** Runs commands of which the one at index `at` is bad, and returns what firmware finds out. */
function failure(commands: Commands, spoil?: (ram: Uint8Array) => void) {
  const rig = new Rig()
  rig.write(commands)
  spoil?.(rig.ram)
  rig.open(commands.length)
  rig.set('RING_TAIL', commands.length)
  rig.drain()
  return {
    rig,
    code: rig.get('ERROR_CODE'),
    field: rig.get('ERROR_FIELD'),
    address: rig.get('ERROR_ADDRESS'),
    message: rig.model.error?.message,
  }
}

describe('an illegal command stops the ring', () => {
  test('with status, interrupt, its address, and nothing behind it is fetched', () => {
    const { rig, address } = failure([good, ['load', move(RAM, 0, 0)], ['fence', { sequence: 1 }]])
    expect(rig.get('STATUS') & status.error).toBe(status.error)
    expect([rig.interrupt, rig.get('IRQ_STATUS')]).toEqual([true, irq.error])
    expect(address).toBe(RING + 64)
    expect(rig.get('RING_HEAD')).toBe(2)
    expect(rig.get('FENCE')).toBe(0)
  })

  test('commands before it complete', () => {
    const { rig } = failure([
      ['copy', { bytes: 16, rows: 1, planes: 1, mode: 1, value: 9 }],
      ['load', {}],
    ])
    expect(rig.memory('act')[0]).toBe(9)
  })

  test('an unknown opcode', () => {
    const result = failure([good, good], (ram) => (ram[RING - RAM + 64] = 0xee))
    expect(result).toMatchObject({ code: errorCodes.opcode, field: 0 })
    expect(result.message).toBe('command 1 at 0x80080040: opcode = 0xee is no command')
  })

  test('the reserved byte of the header', () => {
    const result = failure([good], (ram) => (ram[RING - RAM + 3] = 1))
    expect(result).toMatchObject({ code: errorCodes.reserved, field: 3 })
  })

  test('a bit that no field uses', () => {
    const result = failure([good], (ram) => (ram[RING - RAM + 63] = 0x80))
    expect(result).toMatchObject({ code: errorCodes.reserved, field: NO_FIELD })
    expect(result.message).toContain('byte 63')
  })

  test("a field against the command's own rule", () => {
    const result = failure([['load', { ...move(RAM, 0, 16), planes: 0 }]])
    expect(result).toMatchObject({ code: errorCodes.field, field: 9 })
    expect(result.message).toBe('command 0 (load) at 0x80080000: planes = 0 must not be zero')
  })

  test('an enumeration outside its values', () => {
    const result = failure([['load', { ...move(RAM, 0, 16), memory: 7 }]])
    expect(result.code).toBe(errorCodes.field)
    expect(result.message).toContain('memory = 7 is none of 0, 1')
  })

  test.each([
    ['waits for itself', { wait: unit.load }, 1],
    ['waits for a unit that does not exist', { wait: 8 }, 1],
    ['signals a unit that does not exist', { signal: 0x80 }, 2],
  ])('a command that %s', (_, tokens, field) => {
    expect(failure([['load', { ...move(RAM, 0, 16), ...tokens }]])).toMatchObject({ code: errorCodes.field, field })
  })

  test('a fence with tokens, as no unit executes it', () => {
    expect(failure([['fence', { sequence: 1, wait: unit.load }]])).toMatchObject({ code: errorCodes.field, field: 1 })
  })

  test('a region that leaves its scratchpad, at its last byte', () => {
    expect(failure([['load', move(RAM, 65536 - 16, 16)]]).code).toBe(errorCodes.none)
    const result = failure([['load', move(RAM, 65536 - 16, 17)]])
    expect(result).toMatchObject({ code: errorCodes.range, field: 5 })
    expect(result.message).toBe(
      'command 0 (load) at 0x80080000: scratch = 0xfff0 writes act up to 0x10001, which ends at 0x10000',
    )
  })

  test('sums that do not fit the accumulators', () => {
    const conv = {
      kernelHeight: 1,
      kernelWidth: 1,
      strideHeight: 1,
      strideWidth: 1,
      dilationHeight: 1,
      dilationWidth: 1,
    }
    const shape = { inChannels: 1, outChannels: 16, inputPixelStride: 1, outputPixelStride: 16, partial: 1 }
    const fields = { ...conv, ...shape, outHeight: 1, inputRowStride: 0, outputRowStride: 0 }
    expect(failure([['conv', { ...fields, outWidth: 512 }]]).code).toBe(errorCodes.none)
    expect(failure([['conv', { ...fields, outWidth: 513 }]]).code).toBe(errorCodes.range)
  })
})

describe('a bus error', () => {
  test('of a transfer names the address; the unit stops, others go on', () => {
    const outside = RAM + RAM_BYTES
    const { rig, code, field, message } = failure([
      ['store', move(outside, 0, 16)],
      ['copy', { bytes: 16, rows: 1, planes: 1, mode: 1, value: 5 }],
    ])
    expect(code).toBe(errorCodes.bus)
    expect(field).toBe(4)
    expect(rig.get('ERROR_BUS_ADDRESS')).toBe(outside)
    expect(message).toBe('command 0 (store) at 0x80080000: bus error at 0x80100000')
    expect(rig.memory('act')[0]).toBe(5)
    expect(rig.get('STATUS')).toBe(status.error | (4 << 8))
  })

  test('of the fetch', () => {
    const rig = new Rig()
    rig.set('RING_SIZE', 4)
    rig.set('RING_BASE', 0x1000)
    rig.set('CONTROL', 1)
    rig.set('RING_TAIL', 1)
    rig.drain()
    expect(rig.get('ERROR_CODE')).toBe(errorCodes.fetch)
    expect([rig.get('ERROR_ADDRESS'), rig.get('ERROR_BUS_ADDRESS')]).toEqual([0x1000, 0x1000])
  })

  test("of a fence's timestamp", () => {
    const { rig, code, field } = failure([['fence', { sequence: 4, timestamp: 0x10 }]])
    expect([code, field]).toEqual([errorCodes.bus, 6])
    expect(rig.get('FENCE')).toBe(0)
  })
})

describe('misuse of the ring', () => {
  test('a doorbell further ahead than the ring has slots', () => {
    const rig = new Rig()
    rig.open(4)
    rig.set('RING_TAIL', 5)
    expect(rig.get('ERROR_CODE')).toBe(errorCodes.ring)
    expect(rig.get('ERROR_FIELD')).toBe(NO_FIELD)
    expect(rig.model.waitingFor()).toContain('RING_TAIL = 5 is 5 commands ahead of RING_HEAD, in a ring of 4 slots')
  })

  test('a doorbell before a ring was opened', () => {
    const rig = new Rig()
    rig.set('RING_TAIL', 1)
    expect(rig.get('ERROR_CODE')).toBe(errorCodes.ring)
  })

  test('opening another ring while commands run', () => {
    const rig = new Rig()
    rig.write([good])
    rig.open(1)
    rig.set('RING_TAIL', 1)
    rig.set('RING_BASE', RING)
    expect(rig.get('ERROR_CODE')).toBe(errorCodes.ring)
    expect(rig.model.error?.message).toContain('not idle')
  })

  test('a ring that is not aligned', () => {
    const rig = new Rig()
    rig.set('RING_BASE', RING + 2)
    expect(rig.get('ERROR_CODE')).toBe(errorCodes.ring)
  })
})

test('more tokens than the counters hold', () => {
  const rig = new Rig()
  rig.open(256)
  rig.write(Array.from({ length: 256 }, () => ['load', { ...move(RAM, 0, 16), signal: unit.store }] as const))
  rig.set('RING_TAIL', 255)
  rig.drain()
  expect(rig.get('ERROR_CODE')).toBe(errorCodes.none)
  rig.set('RING_TAIL', 256)
  rig.drain()
  expect(rig.get('ERROR_CODE')).toBe(errorCodes.token)
})

test('the first error is kept, and a reset leads out of it', () => {
  const { rig } = failure([['load', {}]])
  rig.set('RING_TAIL', 99)
  expect(rig.get('ERROR_CODE')).toBe(errorCodes.field)
  rig.set('CONTROL', 2)
  expect([rig.get('ERROR_CODE'), rig.interrupt, rig.get('STATUS')]).toEqual([0, false, status.idle])
  rig.run([good, ['fence', { sequence: 8 }]])
  expect(rig.get('FENCE')).toBe(8)
})
