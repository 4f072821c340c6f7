import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../../sim/diagnostic.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { parseSoc } from '../../../sim/soc/parse.ts'

const ram = { kind: 'ram', name: 'ram', base: '0x80000000', size: 0x1000 }
const parse = (value: unknown) => parseSoc(JSON.stringify(value), defaultSoc)

it('takes what is given and the defaults for the rest', () => {
  const soc = parse({ name: 'mine', clockHz: 50_000_000, hart: { cpu: 'ideal', isa: 'rv32imc' }, blocks: [ram] })
  expect(soc).toEqual({
    name: 'mine',
    clockHz: 50_000_000,
    timebaseHz: defaultSoc.timebaseHz,
    hart: { isa: 'rv32imc', cpu: 'ideal', misaligned: defaultSoc.hart.misaligned },
    blocks: [{ ...ram, base: 0x8000_0000, doc: '' }],
  })
})

it('gives back the default SoC from its own JSON', () => {
  expect(parse(defaultSoc)).toEqual(defaultSoc)
})

describe('refuses', () => {
  it.each<[string, unknown]>([
    ['the description is no object', []],
    ["the description has an unknown field 'clock'", { clock: 1 }],
    ["the description has no proper 'clockHz'", { clockHz: 'fast' }],
    ["the description has no proper 'blocks'", { blocks: 5 }],
    ["the description has no proper 'hart'", { hart: 'ibex' }],
    ["hart has no proper 'misaligned'", { hart: { misaligned: 'maybe' } }],
    ['block 0 has an unknown kind', { blocks: [{ ...ram, kind: 'flash' }] }],
    ['block 0 has an unknown kind', { blocks: [7] }],
    ["block 0 has no proper 'base'", { blocks: [{ ...ram, base: -1 }] }],
    ["block 0 has no proper 'irq'", { blocks: [{ ...ram, kind: 'uart16550' }] }],
    ["block 0 has an unknown field 'colour'", { blocks: [{ ...ram, colour: 'red' }] }],
    ['the SoC has no RAM', { blocks: [] }],
  ])('%s', (message, value) => {
    expect(() => parse(value)).toThrow(message)
  })

  it('text that is no JSON, in one line', () => {
    expect(() => parseSoc('{', defaultSoc)).toThrow('it is no JSON')
    expect(() => parseSoc('{\n  "name": "a"\n  "clockHz": 1\n}', defaultSoc)).toThrow(/^it is no JSON \([^\n]*\)$/)
  })
})

it('accepts or refuses any JSON, never anything else', () => {
  const field = fc.constantFrom('name', 'hart', 'blocks', 'clockHz', 'timebaseHz')
  fc.assert(
    fc.property(fc.dictionary(field, fc.jsonValue()), (value) => {
      try {
        parse(value)
      } catch (error) {
        expect(error).toBeInstanceOf(UserError)
      }
    }),
    { seed: 3 },
  )
})
