import { expect, test } from 'vitest'
import { PagedState } from '../../../sim/snapshot/pages.ts'
import { zeroScan } from '../../../sim/snapshot/zero-scan.ts'

const host = new WebAssembly.Memory({ initial: 1 })
const bytes = new Uint8Array(host.buffer)

test('finds every bit of a range, and nothing beside it', () => {
  const isZero = zeroScan(host)
  expect(isZero(0, 65_536)).toBe(true)
  for (let byte = 4000; byte < 4300; byte++) {
    bytes[byte] = 1 << (byte % 8)
    expect(isZero(4096, 4224)).toBe(byte < 4096 || byte >= 4224)
    expect(isZero(0, 65_536)).toBe(false)
    bytes[byte] = 0
  }
})

test('pages are the same with it and without it', () => {
  for (const byte of [0, 4095, 4096, 20_000, 65_535]) bytes[byte] = 0x80
  expect(new PagedState(bytes, host).save()).toEqual(new PagedState(bytes).save())
  // The last page may be a part of one.
  const part = bytes.subarray(0, 4096 + 64)
  expect(Object.keys(new PagedState(part, host).save())).toEqual(['0', '1'])
})
