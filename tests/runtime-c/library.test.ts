import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { tensors } from '../../sim/testing/arbitraries.ts'
import { at, compileFirmware, type Firmware, readOnly, type Tensor, tensor } from '../../sim/testing/index.ts'
import { installedToolchains } from './firmware.ts'

const divisions = `#include <stdint.h>
uint64_t divide(uint64_t a, uint64_t b) { return a / b; }
uint64_t rest(uint64_t a, uint64_t b) { return a % b; }
int64_t divide_signed(int64_t a, int64_t b) { return a / b; }
int64_t rest_signed(int64_t a, int64_t b) { return a % b; }
`

describe.each(installedToolchains)('the library built by $name', ({ name: toolchain }) => {
  let firmware: Firmware
  beforeAll(async () => {
    firmware = await compileFirmware({ files: { 'divisions.c': divisions }, toolchain })
  }, 60_000)

  test.each([
    [['%d %i %u', -42, 7, 4000000000], '-42 7 4000000000'],
    [['%d', -(2 ** 31)], '-2147483648'],
    [['%x %X %08x', 0xbeef, 0xbeef, 0xabc], 'beef BEEF 00000abc'],
    [['[%5d|%-5d|%05d|%1d]', 7, 7, -7, 12345], '[    7|7    |-0007|12345]'],
    [['%ld %lu %lx', -1, 1, 255], '-1 1 ff'],
    [['%s|%4s|%-4s|%s', 'text', 'ab', 'ab', ''], 'text|  ab|ab  |'],
    [['%c%3c%%', 0x61, 0x62], 'a  b%'],
    [['%p', 0x80000000], '0x80000000'],
  ])('print(%s)', (args, text) => {
    expect(firmware.call('print', ...args)).toMatchObject({ console: text, value: text.length })
  })

  /** A buffer of bytes, places to copy from and to in it, and how many. */
  const copies = fc.tuple(tensors('uint8', { shape: [96] }), fc.nat(47), fc.nat(47), fc.nat(48))
  const copied = ({ data }: Tensor<'uint8'>, to: number, from: number, size: number) =>
    tensor('uint8', [data.length], data.slice().copyWithin(to, from, from + size))

  test('memmove moves at every alignment, forwards and backwards, and leaves the rest', () => {
    const property = fc.property(copies, ([buffer, to, from, size]) => {
      const { after } = firmware.call('memmove', at(buffer, to), at(buffer, from), size)
      expect(after(buffer)).toEqualTensor(copied(buffer, to, from, size))
    })
    fc.assert(property, { seed: 1, numRuns: 60 })
  })

  test('memcpy copies at every alignment, and memset fills', () => {
    const property = fc.property(copies, ([buffer, to, from, size]) => {
      const target = tensor('uint8', [96])
      const copy = firmware.call('memcpy', at(target, to), at(readOnly(buffer), from), size)
      const expected = tensor('uint8', [96])
      expected.data.set(buffer.data.subarray(from, from + size), to)
      expect(copy.after(target)).toEqualTensor(expected)
      const fill = firmware.call('memset', at(target, to), from, size)
      expect(fill.after(target)).toEqualTensor(tensor('uint8', [96], new Uint8Array(96).fill(from, to, to + size)))
    })
    fc.assert(property, { seed: 1, numRuns: 50 })
  })

  test('memcpy moves words, between different alignments too', () => {
    const [from, to] = [tensor('uint8', [4096]), tensor('uint8', [4096])]
    expect(firmware.call('memcpy', to, readOnly(from), 4096)).toTakeAtMostCycles(4096 / 1.5)
    expect(firmware.call('memcpy', to, at(readOnly(from), 1), 4095)).toTakeAtMostCycles(4095 / 0.45)
  })

  test.each([
    ['abc', 'abd', 3, -1],
    ['b', 'a', 1, 1],
    ['x', 'y', 0, 0],
    ['é', '\x01', 1, 1],
  ])('memcmp(%s, %s, %i)', (a, b, size, sign) => {
    expect(Math.sign(firmware.call('memcmp', a, b, size).value)).toBe(sign)
  })

  test('strlen', () => {
    expect(firmware.call('strlen', 'four').value).toBe(4)
    expect(firmware.call('strlen', '').value).toBe(0)
  })

  test('64 bits are divided', () => {
    const divisor = fc.bigInt({ min: 1n, max: (1n << 63n) - 1n })
    const property = fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), divisor, (a, b) => {
      const u = BigInt.asUintN(64, a)
      expect(BigInt.asUintN(64, firmware.call('divide', u, b).value64)).toBe(u / b)
      expect(BigInt.asUintN(64, firmware.call('rest', u, b).value64)).toBe(u % b)
      expect(firmware.call('divide_signed', a, b).value64).toBe(a / b)
      expect(firmware.call('rest_signed', a, b).value64).toBe(a % b)
    })
    fc.assert(property, { seed: 1, numRuns: 20 })
  })
})
