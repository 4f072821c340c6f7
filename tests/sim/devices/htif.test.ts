import { expect, it } from 'vitest'
import { ConsoleInput } from '../../../sim/console-input.ts'
import { SymbolTable } from '../../../sim/elf/symbols.ts'
import { Machine } from '../../../sim/machine.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { asm, bytes, START } from '../guest.ts'

const TOHOST = START + 0x1000
const FROMHOST = START + 0x1040
const MAGIC = START + 0x2000
const BUFFER = START + 0x3000

/** A program that does nothing, whose words the test writes and reads. */
function htif(input: ConsoleInput = new ConsoleInput()) {
  const machine = new Machine(defaultSoc, { input })
  const symbol = (name: string, address: number) => ({ name, address, size: 8, kind: 'object' as const })
  machine.load({
    name: 'htif',
    entry: START,
    segments: [
      {
        address: START,
        bytes: bytes([asm('addi'), asm('jal', { imm: -4 })]),
        memorySize: 0x4000,
        executable: true,
        writable: true,
      },
    ],
    symbols: new SymbolTable([symbol('tohost', TOHOST), symbol('fromhost', FROMHOST)]),
    flags: 0,
    arch: undefined,
  })
  const run = () => machine.run({ maxInstructions: machine.hart.instructions + 100 })
  const send = (low: number, high = 0) => {
    machine.writeMemory(FROMHOST, new Uint8Array(8))
    machine.writeMemory(TOHOST, bytes([low, high]))
    return run()
  }
  const words = (address: number) => [...new Uint32Array(machine.readMemory(address, 8).buffer)]
  /** 64-bit number and arguments of a system call. */
  const call = (...values: readonly number[]) => {
    machine.writeMemory(MAGIC, bytes(values.flatMap((value) => [value, 0])))
    return send(MAGIC)
  }
  return { machine, run, send, call, words }
}

it('exits with an odd value, or by the system call', () => {
  expect(htif().send((9 << 1) | 1)).toMatchObject({ reason: 'exit', exitCode: 9 })
  expect(htif().call(93, 5)).toMatchObject({ reason: 'exit', exitCode: 5 })
})

it('writes to the console by device 1 and by the system call, and empties tohost', () => {
  const { machine, send, call, words } = htif()
  send(0x41, 0x0101_0000)
  expect([words(TOHOST), words(FROMHOST)]).toEqual([
    [0, 0],
    [0x141, 0x0101_0000],
  ])
  machine.writeMemory(BUFFER, new TextEncoder().encode('bc'))
  expect(call(64, 1, BUFFER, 2).console).toBe('Abc')
  expect([words(FROMHOST), words(MAGIC)]).toEqual([
    [1, 0],
    [2, 0],
  ])
})

it('reads characters and pieces of the input, and its end', () => {
  const { machine, send, call, words } = htif(new ConsoleInput(new TextEncoder().encode('xyz')))
  send(0, 0x0100_0000)
  expect(words(FROMHOST)).toEqual([0x178, 0x0100_0000])
  call(63, 0, BUFFER, 8)
  expect([words(MAGIC), new TextDecoder().decode(machine.readMemory(BUFFER, 2))]).toEqual([[2, 0], 'yz'])
  call(63, 0, BUFFER, 8)
  expect([words(FROMHOST), words(MAGIC)]).toEqual([
    [1, 0],
    [0, 0],
  ])
})

it('keeps a character waiting until it comes, over a restore too', () => {
  const input = new ConsoleInput(undefined, false)
  const { machine, send, run, words } = htif(input)
  expect(send(0, 0x0100_0000).reason).toBe('input')
  const state = machine.save()
  const other = htif(new ConsoleInput(undefined, false))
  other.machine.restore(state)
  for (const guest of [{ machine, run, words }, other]) {
    guest.machine.input.push(Uint8Array.of(0x51))
    guest.run()
    expect(guest.words(FROMHOST)).toEqual([0x151, 0x0100_0000])
  }
})

it.each([
  ['an unknown call', [1000, 0], -38],
  ['a file that is not open', [64, 7, BUFFER, 1], -9],
  ['reading a file that is not open', [63, 7, BUFFER, 1], -9],
  ['an address outside of memory', [64, 1, 0x7000_0000, 1], -14],
])('answers %s with an error', (_, values, error) => {
  const { call, words } = htif()
  call(...values)
  expect(words(MAGIC)).toEqual([error >>> 0, 0xffff_ffff])
})

it('ignores a system call block outside of memory', () => {
  const { send, words } = htif()
  expect(send(0x7000_0000).reason).toBe('limit')
  expect(words(FROMHOST)).toEqual([0, 0])
})
