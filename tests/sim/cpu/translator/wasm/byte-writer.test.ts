import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../../../../sim/cpu/translator/wasm/byte-writer.ts'

const written = (write: (out: ByteWriter) => void) => {
  const out = new ByteWriter()
  write(out)
  return [...out.bytes]
}

describe('ByteWriter', () => {
  // Vectors of the LEB128 article and of the WebAssembly specification's limits.
  it.each([
    [0, [0x00]],
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    [624485, [0xe5, 0x8e, 0x26]],
    [0xffff_ffff, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('writes %i as unsigned LEB128', (value, expected) => {
    expect(written((out) => out.unsigned(value))).toEqual(expected)
  })

  it.each([
    [0, [0x00]],
    [63, [0x3f]],
    [64, [0xc0, 0x00]],
    [-1, [0x7f]],
    [-64, [0x40]],
    [-65, [0xbf, 0x7f]],
    [-123456, [0xc0, 0xbb, 0x78]],
    [-0x8000_0000, [0x80, 0x80, 0x80, 0x80, 0x78]],
  ])('writes %i as signed LEB128', (value, expected) => {
    expect(written((out) => out.signed(value))).toEqual(expected)
  })

  it('keeps what was written when it grows', () => {
    const bytes = Array.from({ length: 5000 }, (_, n) => n & 255)
    expect(written((out) => bytes.forEach((byte) => void out.byte(byte)))).toEqual(bytes)
    expect(written((out) => out.append(bytes))).toEqual(bytes)
  })
})
