/** What every field of the writable registers takes: docs/isa.md, row by row. */
import { describe, expect, it } from 'vitest'
import { csrRows } from '../../../sim/cpu/csr/rows.ts'
import type { MachineOptions } from '../../../sim/machine.ts'
import { asm, guest, li } from '../guest.ts'

const addressOf = new Map(csrRows.map(({ name, address }) => [name, address]))

/** Reads a register by firmware, after having written some values to it in turn. */
function readBack(name: string, values: readonly number[], options: MachineOptions = {}): number {
  const imm = addressOf.get(name)!
  const writes = values.flatMap((value) => [...li(1, value), asm('csrrw', { rs1: 1, imm })])
  const program = [...writes, asm('csrrs', { rd: 2, imm })]
  const machine = guest(program, options)
  machine.run({ maxInstructions: program.length })
  return machine.hart.x[2]! >>> 0
}

type Field = readonly [register: string, field: string, written: number, read: number]

const fields: readonly Field[] = [
  ['mstatus', 'MIE', 1 << 3, 1 << 3],
  ['mstatus', 'MPIE', 1 << 7, 1 << 7],
  ['mstatus', 'MPP: machine', 3 << 11, 3 << 11],
  ['mstatus', 'MPP: user', 0, 0],
  ['mstatus', 'MPP: supervisor is not there', 1 << 11, 0],
  ['mstatus', 'MPP: 2 is reserved', 2 << 11, 0],
  ['mstatus', 'MPRV', 1 << 17, 1 << 17],
  ['mstatus', 'TW', 1 << 21, 1 << 21],
  ['mstatus', 'SIE and SPIE: no supervisor mode', 0x22, 0],
  ['mstatus', 'UBE: little-endian', 1 << 6, 0],
  ['mstatus', 'SPP, SUM, MXR, TVM, TSR: no supervisor mode', 0x5c_0100, 0],
  ['mstatus', 'FS, VS, XS, SD: no such state', 0x8001_e600, 0],
  ['mstatush', 'SBE and MBE: little-endian', 0x30, 0],
  ['misa', 'MXL and extensions are fixed', 0, 0x4010_1100],
  ['misa', 'no extension is turned on', 0x43ff_ffff, 0x4010_1100],
  ['mtvec', 'BASE', 0x8000_0104, 0x8000_0104],
  ['mtvec', 'MODE: vectored', 0x8000_0001, 0x8000_0001],
  ['mtvec', 'MODE: 2 is reserved', 0x8000_0002, 0x8000_0000],
  ['mtvec', 'MODE: 3 is reserved', 0x8000_0003, 0x8000_0001],
  ['mie', 'MSIE', 1 << 3, 1 << 3],
  ['mie', 'MTIE', 1 << 7, 1 << 7],
  ['mie', 'MEIE', 1 << 11, 1 << 11],
  ['mie', 'no other interrupt', 0xffff_f777, 0],
  ['mip', 'set by devices only', 0xffff_ffff, 0],
  ['mscratch', 'everything', 0x1234_5678, 0x1234_5678],
  ['mepc', 'everything but the low bits', 0x8000_0107, 0x8000_0104],
  ['mcause', 'interrupt and code', 0x8000_001f, 0x8000_001f],
  ['mcause', 'any code', 0x7fff_ffff, 0x7fff_ffff],
  ['mtval', 'everything', 0xffff_ffff, 0xffff_ffff],
  ['mcounteren', 'CY, TM, IR', 7, 7],
  ['mcounteren', 'HPM3 to HPM10', 0x7f8, 0x7f8],
  ['mcounteren', 'HPM11 to HPM31: no such counter', 0xffff_f800, 0],
  ['mcountinhibit', 'CY and IR', 5, 5],
  ['mcountinhibit', 'time cannot be stopped', 2, 0],
  ['mcountinhibit', 'HPM3 to HPM10', 0x7f8, 0x7f8],
  ['mcountinhibit', 'HPM11 to HPM31: no such counter', 0xffff_f800, 0],
  ['mhpmevent3', 'an event', 7, 7],
  ['mhpmevent10', 'an unknown event is none', 8, 0],
  ['mhpmevent11', 'no such counter', 1, 0],
  ['mhpmcounter11', 'no such counter', 1, 0],
  ['menvcfg', 'FIOM and the rest', 0xffff_ffff, 0],
  ['menvcfgh', 'everything', 0xffff_ffff, 0],
  ['pmpcfg0', 'R', 0x0000_0001, 0x0000_0001],
  ['pmpcfg0', 'R and W', 0x0000_0003, 0x0000_0003],
  ['pmpcfg0', 'W without R is reserved', 0x0000_0602, 0x0000_0400],
  ['pmpcfg1', 'X', 0x0004_0000, 0x0004_0000],
  ['pmpcfg2', 'A: TOR, NA4, NAPOT', 0x0018_1008, 0x0018_1008],
  ['pmpcfg3', 'reserved bits', 0x6060_6060, 0],
  ['pmpaddr15', 'bits 33 to 2 of an address', 0xffff_ffff, 0xffff_ffff],
]

describe('fields', () => {
  it.each(fields)('%s: %s', (register, _, written, read) => {
    expect(readBack(register, [written])).toBe(read)
  })

  it('mepc holds half-word addresses with C', () =>
    expect(readBack('mepc', [0x8000_0107], { isa: 'rv32imc' })).toBe(0x8000_0106))

  it('mstatus: a reserved MPP leaves the one before', () =>
    expect(readBack('mstatus', [3 << 11, 2 << 11])).toBe(3 << 11))

  it.each([
    ['pmpcfg0', 0x9800_0000, 0x9807_0707],
    ['pmpcfg3', 0x0000_0080, 0x0707_0780],
  ])('%s: L keeps its entry and no other', (register, locked, others) => {
    expect(readBack(register, [locked, 0])).toBe(locked)
    expect(readBack(register, [locked, 0x0707_0707])).toBe(others)
  })

  it('every register that keeps any bit has a row', () => {
    const counters = /^(mcycle|minstret|mhpmcounter\d+)h?$/
    // Triggers have a test of their own.
    const tested = new Set([
      ...fields.map(([register]) => register.replace(/\d+$/, '')),
      'tselect',
      'tdata',
      'tcontrol',
    ])
    const kept = csrRows.filter(({ name, address }) => {
      return address >>> 10 !== 3 && !counters.test(name) && readBack(name, [0xffff_ffff]) !== readBack(name, [0])
    })
    expect(kept.map(({ name }) => name.replace(/\d+$/, '')).filter((name) => !tested.has(name))).toEqual([])
    expect(kept.length).toBeGreaterThan(25)
  })
})
