import { beforeEach, describe, expect, it } from 'vitest'
import { Uart16550 } from '../../../sim/devices/uart16550.ts'

const DATA = 0
const IER = 1
const IIR = 2
const LCR = 3
const MCR = 4
const LSR = 5
const SCRATCH = 7

let uart: Uart16550
let sent: number[]
let line: boolean

beforeEach(() => {
  sent = []
  line = false
  uart = new Uart16550('uart', { set: (level) => (line = level) }, (byte) => sent.push(byte))
})

const read = (offset: number) => uart.read(offset, 1)
const write = (offset: number, value: number) => uart.write(offset, 1, value)

it('is always ready to send', () => {
  expect(read(LSR)).toBe(0x60)
  write(DATA, 0x41)
  expect(sent).toEqual([0x41])
  expect(read(LSR)).toBe(0x60)
})

it('hands over what arrives in order, zero when there is nothing', () => {
  for (const byte of [1, 2, 3]) uart.receive(byte)
  expect(read(LSR)).toBe(0x61)
  expect([read(DATA), read(DATA), read(DATA), read(DATA)]).toEqual([1, 2, 3, 0])
  expect(read(LSR)).toBe(0x60)
})

it('has its divisor behind DLAB', () => {
  write(LCR, 0x83)
  write(DATA, 0x12)
  write(IER, 0x34)
  expect([read(DATA), read(IER)]).toEqual([0x12, 0x34])
  write(LCR, 0x03)
  expect(sent).toEqual([])
  expect(read(IER)).toBe(0)
})

describe('interrupts', () => {
  it('none before they are enabled', () => {
    uart.receive(1)
    write(DATA, 2)
    expect(line).toBe(false)
    expect(read(IIR)).toBe(1)
  })

  it('received data, until it is read', () => {
    write(IER, 1)
    uart.receive(7)
    expect([line, read(IIR)]).toEqual([true, 4])
    read(DATA)
    expect([line, read(IIR)]).toEqual([false, 1])
  })

  it('transmitter empty, until its identification is read', () => {
    write(IER, 2)
    expect([line, read(IIR), line]).toEqual([true, 2, false])
    expect([line, read(IIR)]).toEqual([false, 1])
    write(DATA, 1)
    expect(line).toBe(true)
  })

  it('received data comes first', () => {
    write(IER, 3)
    uart.receive(7)
    expect(read(IIR)).toBe(4)
    read(DATA)
    expect(read(IIR)).toBe(2)
  })
})

it('shows and clears its FIFO', () => {
  write(IIR, 1)
  expect(read(IIR)).toBe(0xc1)
  uart.receive(1)
  write(IIR, 3)
  expect(read(LSR)).toBe(0x60)
})

it('loops back', () => {
  write(MCR, 0x10)
  write(DATA, 9)
  expect([sent.length, read(DATA)]).toEqual([0, 9])
})

it('keeps a scratch byte; answers bytes only, and no further registers', () => {
  write(SCRATCH, 0x5a)
  expect(read(SCRATCH)).toBe(0x5a)
  expect(uart.read(0, 4)).toBeUndefined()
  expect(uart.write(0, 2, 1)).toBe(false)
  expect(read(8)).toBeUndefined()
  expect(write(8, 1)).toBe(false)
})
