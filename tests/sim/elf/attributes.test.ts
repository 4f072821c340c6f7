import fc from 'fast-check'
import { expect, it } from 'vitest'
import { archAttribute } from '../../../sim/elf/attributes.ts'

const text = (value: string) => [...new TextEncoder().encode(value), 0]

it('finds the architecture behind numbers and strings of other tags', () => {
  const attributes = [4, 16, 6, 0x81, 0x01, 7, ...text('other'), 5, ...text('rv32im')]
  const section = Uint8Array.from([0x41, 0, 0, 0, 0, ...text('riscv'), 1, 0, 0, 0, 0, ...attributes])
  expect(archAttribute(section)).toBe('rv32im')
})

it('gives nothing for another vendor, another format, or no architecture', () => {
  expect(archAttribute(Uint8Array.from([0x41, 0, 0, 0, 0, ...text('gnu'), 5, ...text('rv32im')]))).toBeUndefined()
  expect(archAttribute(Uint8Array.of(0x42))).toBeUndefined()
  expect(archAttribute(Uint8Array.from([0x41, 0, 0, 0, 0, ...text('riscv')]))).toBeUndefined()
})

it('ends on any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (tail) => {
      archAttribute(Uint8Array.from([0x41, 0, 0, 0, 0, ...text('riscv'), ...tail]))
    }),
    { seed: 9 },
  )
})
