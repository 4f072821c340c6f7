import { describe, expect, test } from 'vitest'
import { frame, fromHex, type Incoming, PACKET_BYTES, PacketReader, toHex } from '../../../sim/debug/packets.ts'
import { randomFrom } from '../accel/rig.ts'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
const read = (stream: string) => new PacketReader().read(Buffer.from(stream, 'latin1')).map(shown)
const shown = (incoming: Incoming) => (incoming.kind === 'packet' ? text(incoming.payload) : incoming.kind)

describe('packets', () => {
  test('have a checksum and escape what would end them', () => {
    expect(text(frame('OK'))).toBe('$OK#9a')
    expect(text(frame('a#b'))).toBe('$a}\x03b#43')
  })

  test('are read whatever pieces they come in', () => {
    const stream = Buffer.concat([frame('qSupported'), frame('g'), frame(Uint8Array.of(0x7d, 0x23, 0x24, 0x2a, 3, 0))])
    for (const size of [1, 2, 3, 7, 100]) {
      const reader = new PacketReader()
      const all: string[] = []
      for (let at = 0; at < stream.length; at += size)
        all.push(...reader.read(stream.subarray(at, at + size)).map(shown))
      expect(all).toEqual(['qSupported', 'g', '}#$*\x03\x00'])
    }
  })

  test('with a wrong checksum are damaged, and the next one is read', () => {
    expect(read('$g#00$g#67')).toEqual(['damaged', 'g'])
    expect(read('$g#zz+-$?#3f')).toEqual(['damaged', '?'])
  })

  test('that never end give way to the next that begins', () => {
    expect(read('$aaaa$g#67')).toEqual(['g'])
    expect(read('$aaaa#1$g#67')).toEqual(['g'])
  })

  test('that are too long are damaged, and take no memory for ever', () => {
    expect(read(`$${'a'.repeat(PACKET_BYTES * 3)}#00$g#67`)).toEqual(['damaged', 'g'])
  })

  test('and an interrupt between them are told apart', () => {
    expect(read('+\x03$g#67\x03')).toEqual(['interrupt', 'g', 'interrupt'])
    expect(read('$\x03#03')).toEqual(['\x03'])
  })

  test('of random bytes bring back those bytes', () => {
    const random = randomFrom(3)
    for (let round = 0; round < 300; round++) {
      const payload = Uint8Array.from({ length: random(0, 60) }, () => random(0, 255))
      expect(new PacketReader().read(frame(payload))).toEqual([{ kind: 'packet', payload }])
    }
  })
})

describe('hexadecimal', () => {
  test('goes both ways, and refuses anything else', () => {
    expect(toHex(Uint8Array.of(0, 0xab, 7))).toBe('00ab07')
    expect(fromHex('00aB07')).toEqual(Uint8Array.of(0, 0xab, 7))
    expect(fromHex('0')).toBeUndefined()
    expect(fromHex('0x')).toBeUndefined()
  })
})
