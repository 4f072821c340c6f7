import { describe, expect, it } from 'vitest'
import { readNpy, samplesOf, writeNpy } from '../../../compiler/io/npy.ts'
import type { TensorData } from '../../../compiler/ir/dtype.ts'

/** A file as NumPy writes it: header padded to 64 bytes. */
function npy(header: string, data: Uint8Array): Uint8Array {
  const text = `${header.padEnd(117)}\n`
  const bytes = new Uint8Array(10 + text.length + data.length)
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, text.length & 0xff, text.length >> 8])
  bytes.set(new TextEncoder().encode(text), 10)
  bytes.set(data, 10 + text.length)
  return bytes
}
const header = (descr: string, shape: string, order = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape}), }`

describe('readNpy', () => {
  it.each<[string, TensorData]>([
    ['|i1', Int8Array.of(-128, 0, 127)],
    ['|u1', Uint8Array.of(0, 128, 255)],
    ['<i4', Int32Array.of(-1, 0, 2 ** 31 - 1)],
    ['<f4', Float32Array.of(-0.5, 0, 1e30)],
  ])('reads %s', (descr, data) => {
    const bytes = npy(header(descr, '3,'), new Uint8Array(data.buffer))
    expect(readNpy(bytes, 'x.npy')).toEqual({ shape: [3], data })
  })

  it('reads a view into a larger buffer, as file readers hand out', () => {
    const pool = Buffer.alloc(512)
    const file = npy(header('|i1', '2, 1'), Uint8Array.of(1, 2))
    pool.set(file, 100)
    expect(readNpy(pool.subarray(100, 100 + file.length), 'x.npy').data).toEqual(Int8Array.of(1, 2))
  })

  it.each<[string, Uint8Array, RegExp]>([
    ['no .npy', new TextEncoder().encode('1, 2, 3, 4, 5'), /^x.npy: this is not a .npy file; /],
    ['an empty file', new Uint8Array(), /not a .npy file/],
    ['a header only', npy(header('|i1', '4,'), new Uint8Array()).subarray(0, 40), /it is damaged/],
    ['missing data', npy(header('|i1', '2, 4'), new Uint8Array(7)), /it holds 7 elements, its shape 2x4 needs 8/],
    ['half an element', npy(header('<f4', '2,'), new Uint8Array(7)), /it is damaged/],
    ['Fortran order', npy(header('|i1', '2, 4', 'True'), new Uint8Array(8)), /Fortran order/],
    ['doubles', npy(header('<f8', '1,'), new Uint8Array(8)), /its type is none of int8, uint8/],
    ['big endian', npy(header('>i4', '1,'), new Uint8Array(4)), /its type is none of/],
    ['a shape of words', npy(header('|i1', 'two,'), new Uint8Array(2)), /no valid shape/],
  ])('refuses %s in one sentence', (_, bytes, sentence) => {
    let message = ''
    try {
      readNpy(bytes, 'x.npy')
    } catch (error) {
      message = (error as { render(): string }).render()
    }
    expect(message).toMatch(sentence)
  })
})

describe('writeNpy', () => {
  it('writes what it reads back, in format 1.0 with an aligned header', () => {
    const array = { shape: [2, 3], data: Int8Array.of(1, -2, 3, -4, 5, -6) }
    const bytes = writeNpy(array)
    expect([...bytes.subarray(1, 8)]).toEqual([...new TextEncoder().encode('NUMPY'), 1, 0])
    expect(new TextDecoder().decode(bytes)).toContain("'descr':'|i1'")
    expect(readNpy(bytes, 'x.npy')).toEqual(array)
  })

  it('does not write a shape that the data does not fill', () => {
    expect(() => writeNpy({ shape: [4], data: new Int8Array(3) })).toThrow(RangeError)
  })
})

describe('samplesOf', () => {
  const tensor = { name: 'image', shape: [1, 2, 2], dtype: 'int8' } as const
  const data = Int8Array.of(1, 2, 3, 4, 5, 6, 7, 8)

  it('cuts along the first axis, whether or not samples keep their own axis of 1', () => {
    const expected = [Int8Array.of(1, 2, 3, 4), Int8Array.of(5, 6, 7, 8)]
    expect(samplesOf({ shape: [2, 2, 2], data }, tensor, 'x.npy')).toEqual(expected)
    expect(samplesOf({ shape: [2, 1, 2, 2], data }, tensor, 'x.npy')).toEqual(expected)
  })

  it('refuses another shape or type', () => {
    expect(() => samplesOf({ shape: [8], data }, tensor, 'x.npy')).toThrow(/its shape is 8, "image" needs Nx2x2/)
    expect(() => samplesOf({ shape: [2, 2, 2], data: new Uint8Array(8) }, tensor, 'x.npy')).toThrow(/it is uint8/)
  })
})
