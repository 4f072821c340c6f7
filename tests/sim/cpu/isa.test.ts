import { expect, it } from 'vitest'
import { missingExtensions, parseIsa } from '../../../sim/cpu/isa.ts'

it.each([
  ['rv32i', 'rv32i_zicsr_zifencei'],
  ['rv32im', 'rv32im_zicsr_zifencei'],
  ['RV32IMC_Zicsr', 'rv32imc_zicsr_zifencei'],
  ['rv32imac_zbs_zba_zbb', 'rv32imac_zicsr_zifencei_zba_zbb_zbs'],
  ['rv32icbam', 'rv32imac_zicsr_zifencei_zba_zbb_zbs'],
  ['rv32i2p1_b1p0_zba1p0_zbb1p0_zbs1p0', 'rv32i_zicsr_zifencei_zba_zbb_zbs'],
  ['rv32ima_zaamo_zalrsc_zicntr_zihpm', 'rv32ima_zicsr_zifencei'],
  ['rv32i2p1_m2p0_c2p0_zicsr2p0_zmmul1p0_zca1p0', 'rv32imc_zicsr_zifencei'],
])('%s is %s', (text, name) => expect(parseIsa(text).name).toBe(name))

it.each([
  ['rv64i', 'isa-base'],
  ['arm', 'isa-base'],
  ['rv32imf', 'isa-extension'],
  ['rv32g', 'isa-extension'],
  ['rv32i_zfoo', 'isa-extension'],
])('%s is refused', (text, code) => expect(() => parseIsa(text)).toThrow(expect.objectContaining({ code })))

it('tells what a program needs beyond a hart', () => {
  expect(missingExtensions('rv32i2p1_m2p0_f2p2_zmmul1p0', parseIsa('rv32im'))).toEqual(['f'])
  expect(missingExtensions('rv32i2p1_c2p0', parseIsa('rv32im'))).toEqual(['c'])
})
