import { describe, expect, it } from 'vitest'
import { SymbolTable } from '../../../sim/elf/symbols.ts'
import { Machine } from '../../../sim/machine.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { asm, bytes, exit, guest, li, START } from '../guest.ts'

const store = (address: number, value: number) => [...li(6, address), ...li(7, value), asm('sw', { rs1: 6, rs2: 7 })]
const MARKERS = 0xf000_0000

describe('the test finisher', () => {
  it.each([
    [0x5555, 0],
    [0x0007_3333, 7],
    [0x7777, 0],
  ])('0x%x ends with %i', (value, code) => {
    expect(guest(store(0x10_0000, value)).run()).toMatchObject({ reason: 'exit', exitCode: code, instructions: 5 })
  })

  it('ignores other values', () => {
    expect(guest([...store(0x10_0000, 1), ...exit]).run().exitCode).toBe(0)
  })
})

describe('markers', () => {
  it('measure from the begin store to before the end store', () => {
    const begin = [...li(6, MARKERS), asm('addi', { rd: 7, imm: 3 }), asm('sw', { rs1: 6, rs2: 7 })]
    const program = [...begin, asm('addi'), asm('addi'), asm('sw', { rs1: 6, rs2: 7, imm: 4 }), ...exit]
    expect(guest(program).run().regions).toEqual([{ id: 3, cycles: 3, instructions: 3 }])
  })

  it('nest, repeat, and ignore an end without begin', () => {
    const mark = (offset: number, id: number) => [
      asm('addi', { rd: 7, imm: id }),
      asm('sw', { rs1: 6, rs2: 7, imm: offset }),
    ]
    const program = [
      ...li(6, MARKERS),
      ...[mark(4, 9), mark(0, 1), mark(0, 2), mark(4, 2), mark(4, 1), mark(0, 2), mark(4, 2)].flat(),
      ...exit,
    ]
    expect(guest(program).run().regions).toEqual([
      { id: 2, cycles: 2, instructions: 2 },
      { id: 1, cycles: 6, instructions: 6 },
      { id: 2, cycles: 2, instructions: 2 },
    ])
  })

  it('report check values and end the run', () => {
    const result = guest([...store(MARKERS + 12, 0xabcd), ...store(MARKERS + 12, -1), ...store(MARKERS + 8, 5)]).run()
    expect(result).toMatchObject({ reason: 'exit', exitCode: 5, checks: ['0x0000abcd', '0xffffffff'] })
  })
})

describe('tohost', () => {
  const TOHOST = START + 0x2000
  const htif = (program: readonly number[]) => {
    const machine = new Machine(defaultSoc)
    const symbol = (name: string, address: number) => ({ name, address, size: 8, kind: 'object' as const })
    machine.load({
      name: 'htif',
      entry: START,
      segments: [{ address: START, bytes: bytes(program), memorySize: 0x4000, executable: true, writable: true }],
      symbols: new SymbolTable([symbol('tohost', TOHOST), symbol('fromhost', TOHOST + 64)]),
      flags: 0,
      arch: undefined,
    })
    return machine
  }
  const wait = Array(40).fill(asm('addi'))

  it('an odd value is the exit code', () => {
    expect(htif([...store(TOHOST, (42 << 1) | 1), asm('jal')]).run()).toMatchObject({ reason: 'exit', exitCode: 42 })
  })

  it.each([
    [0, 4],
    [4, 0],
  ])('writes characters, whichever half comes first (%i)', (first, second) => {
    const value = { 0: 0x41, 4: 0x0101_0000 } as Record<number, number>
    const character = [...store(TOHOST + first, value[first]!), ...store(TOHOST + second, value[second]!), ...wait]
    const machine = htif([
      ...character,
      ...character,
      asm('lw', { rd: 1, rs1: 6, imm: 64 - second }),
      ...store(TOHOST, 1),
      asm('jal'),
    ])
    expect(machine.run()).toMatchObject({ reason: 'exit', exitCode: 0, console: 'AA' })
    expect(machine.hart.x[1]).toBe(0x141)
  })
})
