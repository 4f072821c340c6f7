import { beforeEach, describe, expect, it } from 'vitest'
import { ConsoleInput } from '../../../sim/console-input.ts'
import { Uart16550 } from '../../../sim/devices/uart16550.ts'
import { EventQueue } from '../../../sim/events.ts'

const DATA = 0
const IER = 1
const IIR = 2
const FCR = 2
const LCR = 3
const MCR = 4
const LSR = 5
const MSR = 6
const SCRATCH = 7
/** Cycles of a frame of ten bits at divisor 1, with one cycle per clock. */
const FRAME = 160

let uart: Uart16550
let sent: number[]
let line: boolean
let events: EventQueue
let input: ConsoleInput

function build(bytes: readonly number[] = [], ended = true) {
  sent = []
  line = false
  events = new EventQueue()
  input = new ConsoleInput(Uint8Array.from(bytes), ended)
  const interrupt = { set: (level: boolean) => (line = level) }
  uart = new Uart16550('uart', { events, interrupt, transmit: (byte) => sent.push(byte), input, cyclesPerClock: 1 })
  write(LCR, 0x83)
  write(DATA, 1)
  write(LCR, 3)
}

const read = (offset: number) => uart.read(offset, 1)
const write = (offset: number, value: number) => uart.write(offset, 1, value)
const pass = (cycles: number) => events.advanceTo(events.now + cycles)
const ids = () => read(IIR)! & 0xf

beforeEach(() => build())

it('is always ready to send', () => {
  expect(read(LSR)).toBe(0x60)
  write(DATA, 0x41)
  expect(sent).toEqual([0x41])
  expect(read(LSR)).toBe(0x60)
})

it('takes and gives the low byte of wider accesses, at one register only', () => {
  uart.write(DATA, 4, 0xffff_ff41)
  uart.write(SCRATCH - 1, 2, 0x1234)
  expect(sent).toEqual([0x41])
  expect([read(IER), read(LCR), read(SCRATCH)]).toEqual([0, 3, 0])
  write(IER, 1)
  expect([uart.read(DATA, 4), uart.read(4, 4), uart.read(8, 4)]).toEqual([0, 0, undefined])
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

describe('the receive line', () => {
  it('begins when the guest looks for input, one byte a frame', () => {
    build([1, 2, 3])
    pass(100 * FRAME)
    expect([read(LSR), read(LSR)]).toEqual([0x60, 0x60])
    pass(FRAME - 1)
    expect(read(LSR)).toBe(0x60)
    pass(1)
    expect(read(LSR)).toBe(0x61)
    expect(read(DATA)).toBe(1)
    pass(FRAME)
    expect(read(DATA)).toBe(2)
    expect(read(DATA)).toBe(0)
    pass(FRAME)
    expect([read(DATA), read(LSR)]).toEqual([3, 0x60])
  })

  it('waits while there is no room: one byte without FIFO, 16 with it', () => {
    const bytes = Array.from({ length: 40 }, (_, index) => index)
    build(bytes)
    write(IER, 1)
    pass(100 * FRAME)
    expect([read(DATA), read(LSR)]).toEqual([0, 0x60])
    write(FCR, 1)
    pass(100 * FRAME)
    const drained = []
    while ((read(LSR)! & 1) === 1) drained.push(read(DATA))
    expect(drained).toEqual(bytes.slice(1, 17))
  })

  it('brings again what a FIFO reset throws away', () => {
    build([7])
    write(IER, 1)
    pass(FRAME)
    write(FCR, 3)
    expect(read(LSR)).toBe(0x60)
    pass(FRAME)
    expect(read(DATA)).toBe(7)
  })

  it('takes as long as word length, parity, stop bits and divisor say', () => {
    build([7])
    write(LCR, 0x83)
    write(DATA, 2)
    write(LCR, 0x0f) // 8 data bits, 2 stop bits, parity
    write(IER, 1)
    pass(12 * 16 * 2 - 1)
    expect(line).toBe(false)
    pass(1)
    expect(line).toBe(true)
  })

  it('asks for input that is not known yet, and takes it when it comes', () => {
    build([], false)
    expect([read(LSR), input.wanted]).toEqual([0x60, false])
    read(LSR)
    expect(input.wanted).toBe(true)
    input.push(Uint8Array.of(5))
    pass(FRAME)
    expect([input.wanted, read(DATA)]).toEqual([false, 5])
  })

  it('never asks because of polling to send', () => {
    build([], false)
    for (const byte of [1, 2, 3]) {
      read(LSR)
      write(DATA, byte)
    }
    expect(input.wanted).toBe(false)
  })
})

it('knows when a guest polls in vain: for millions of looks after the end of its input', () => {
  build([1])
  for (let look = 0; look < 100; look++) read(LSR)
  pass(FRAME)
  read(DATA)
  expect(uart.polledInVain).toBe(false)
  for (let look = 0; look < 10_000_001; look++) read(LSR)
  expect(uart.polledInVain).toBe(true)
  write(DATA, 1)
  expect(uart.polledInVain).toBe(false)
})

describe('interrupts', () => {
  it('none before they are enabled', () => {
    build([1])
    read(DATA)
    pass(FRAME)
    write(DATA, 2)
    expect([line, read(IIR)]).toEqual([false, 1])
  })

  it('received data, until it is read', () => {
    build([7])
    write(IER, 1)
    pass(FRAME)
    expect([line, read(IIR)]).toEqual([true, 4])
    read(DATA)
    expect([line, read(IIR)]).toEqual([false, 1])
  })

  it.each([
    [0, 1],
    [1, 4],
    [2, 8],
    [3, 14],
  ])('trigger level %i is %i bytes', (code, bytes) => {
    build(Array(16).fill(9))
    write(FCR, 1 | (code << 6))
    write(IER, 1)
    pass((bytes - 1) * FRAME)
    expect(line).toBe(false)
    pass(FRAME)
    expect([line, read(IIR)]).toEqual([true, 0xc4])
    read(DATA)
    expect(line).toBe(false)
  })

  it('time-out: fewer bytes than the trigger, and four frames of silence', () => {
    build([1, 2])
    write(FCR, 0xc1)
    write(IER, 1)
    pass(2 * FRAME + 4 * FRAME - 1)
    expect(line).toBe(false)
    pass(1)
    expect([line, read(IIR)]).toEqual([true, 0xcc])
    read(DATA)
    expect(line).toBe(false)
    pass(4 * FRAME)
    expect(line).toBe(true)
    read(DATA)
    expect(line).toBe(false)
  })

  it('transmitter empty, until its identification is read or more is sent', () => {
    write(IER, 2)
    expect([line, read(IIR), line]).toEqual([true, 2, false])
    expect([line, read(IIR)]).toEqual([false, 1])
    write(DATA, 1)
    expect(line).toBe(true)
    write(IER, 0)
    expect(line).toBe(false)
    write(IER, 2)
    expect(line).toBe(true)
  })

  it('come in the order line status, data, transmitter, modem status', () => {
    write(IER, 0xf)
    write(MCR, 0x12)
    write(DATA, 1)
    write(DATA, 2)
    expect(ids()).toBe(6)
    expect(read(LSR)).toBe(0x63)
    expect(ids()).toBe(4)
    read(DATA)
    expect(ids()).toBe(2)
    expect(ids()).toBe(0)
    expect(line).toBe(true)
    read(MSR)
    expect([ids(), line]).toEqual([1, false])
  })
})

describe('loop-back', () => {
  it('receives what it sends, and the line stays outside', () => {
    build([1])
    write(MCR, 0x10)
    write(DATA, 9)
    write(IER, 1)
    expect([sent.length, line, read(DATA), line]).toEqual([0, true, 9, false])
    pass(10 * FRAME)
    expect(read(LSR)).toBe(0x60)
    write(MCR, 0)
    pass(FRAME)
    expect(read(DATA)).toBe(1)
  })

  it('loses what does not fit and says so once', () => {
    write(FCR, 1)
    write(MCR, 0x10)
    for (let byte = 0; byte < 17; byte++) write(DATA, byte)
    expect([read(LSR), read(LSR)]).toEqual([0x63, 0x61])
    write(FCR, 3)
    expect(read(LSR)).toBe(0x60)
  })

  it('ties modem outputs to modem inputs, and keeps their changes until they are read', () => {
    expect(read(MSR)).toBe(0xb0)
    write(MCR, 0x1f)
    expect([read(MSR), read(MSR)]).toEqual([0xf0, 0xf0])
    write(MCR, 0x10)
    expect([read(MSR), read(MSR)]).toEqual([0x0f, 0x00])
  })
})

it('keeps a scratch byte; has no further registers', () => {
  write(SCRATCH, 0x5a)
  expect(read(SCRATCH)).toBe(0x5a)
  expect(read(8)).toBeUndefined()
  expect(write(8, 1)).toBe(false)
})

it('goes on from a saved state exactly as before', () => {
  build([1, 2, 3])
  write(FCR, 0x81)
  write(IER, 1)
  pass(FRAME + 7)
  const state = [events.save(), uart.save(), input.save()] as const
  const rest = () => {
    const seen = []
    for (let step = 0; step < 20; step++) {
      pass(FRAME / 2)
      seen.push([line, read(LSR), line ? read(DATA) : undefined])
    }
    return seen
  }
  const first = rest()
  line = false
  events.restore(state[0])
  uart.restore(state[1])
  input.restore(state[2])
  expect(rest()).toEqual(first)
})
