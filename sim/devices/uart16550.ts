/**
 * NS16550A serial port (National Semiconductor PC16550D datasheet, section 8): transmitter that is always
 * ready, receiver with a FIFO, interrupts, divisor latch. Left out: baud-rate timing and modem lines other
 * than their read-back; the line never has errors.
 */
import type { AccessSize, Device, InterruptLine } from '../bus/device.ts'
import type { RegisterRow } from './registers.ts'

const DATA = 0
const INTERRUPT_ENABLE = 1
const INTERRUPT_ID = 2
const LINE_CONTROL = 3
const MODEM_CONTROL = 4
const LINE_STATUS = 5
const MODEM_STATUS = 6
const SCRATCH = 7

const ENABLE_RECEIVE = 1
const ENABLE_TRANSMIT = 2
const DIVISOR_LATCH = 0x80
const FIFO_ENABLE = 1
const FIFO_CLEAR_RECEIVE = 2
const LOOPBACK = 0x10
const DATA_READY = 1
const TRANSMITTER_EMPTY = 0x60
const NO_INTERRUPT = 1
const TRANSMIT_INTERRUPT = 2
const RECEIVE_INTERRUPT = 4
/** Carrier detect, data set ready, clear to send: somebody listens. */
const MODEM_READY = 0xb0

export const uartRegisters: readonly RegisterRow[] = [
  {
    offset: DATA,
    name: 'data',
    size: 1,
    access: 'read-write',
    doc: 'Received byte; byte to send; divisor low with DLAB',
  },
  {
    offset: INTERRUPT_ENABLE,
    name: 'ier',
    size: 1,
    access: 'read-write',
    doc: 'Interrupt enable; divisor high with DLAB',
  },
  {
    offset: INTERRUPT_ID,
    name: 'iir_fcr',
    size: 1,
    access: 'read-write',
    doc: 'Interrupt identification; FIFO control',
  },
  { offset: LINE_CONTROL, name: 'lcr', size: 1, access: 'read-write', doc: 'Line control; bit 7 is DLAB' },
  { offset: MODEM_CONTROL, name: 'mcr', size: 1, access: 'read-write', doc: 'Modem control; bit 4 is loop-back' },
  {
    offset: LINE_STATUS,
    name: 'lsr',
    size: 1,
    access: 'read',
    doc: 'Line status: 0x01 data ready, 0x60 transmitter empty',
  },
  { offset: MODEM_STATUS, name: 'msr', size: 1, access: 'read', doc: 'Modem status' },
  { offset: SCRATCH, name: 'scratch', size: 1, access: 'read-write', doc: 'Scratch' },
]

export class Uart16550 implements Device {
  readonly name: string
  private readonly transmit: (byte: number) => void
  private readonly interrupt: InterruptLine
  private readonly received: number[] = []
  private enabled = 0
  private fifoControl = 0
  private lineControl = 0
  private modemControl = 0
  private scratch = 0
  private divisor = 0
  /** The transmitter-empty interrupt is raised by the end of a transmission and cleared by reading its identification. */
  private transmitPending = false

  constructor(name: string, interrupt: InterruptLine, transmit: (byte: number) => void) {
    this.name = name
    this.interrupt = interrupt
    this.transmit = transmit
  }

  /** A byte arrives on the line. */
  receive(byte: number): void {
    this.received.push(byte & 0xff)
    this.update()
  }

  read(offset: number, size: AccessSize): number | undefined {
    if (size !== 1) return undefined
    const latch = (this.lineControl & DIVISOR_LATCH) !== 0
    switch (offset) {
      case DATA:
        return latch ? this.divisor & 0xff : this.readData()
      case INTERRUPT_ENABLE:
        return latch ? this.divisor >>> 8 : this.enabled
      case INTERRUPT_ID:
        return this.readInterruptId()
      case LINE_CONTROL:
        return this.lineControl
      case MODEM_CONTROL:
        return this.modemControl
      case LINE_STATUS:
        return TRANSMITTER_EMPTY | (this.received.length > 0 ? DATA_READY : 0)
      case MODEM_STATUS:
        return MODEM_READY
      case SCRATCH:
        return this.scratch
      default:
        return undefined
    }
  }

  write(offset: number, size: AccessSize, value: number): boolean {
    if (size !== 1) return false
    const latch = (this.lineControl & DIVISOR_LATCH) !== 0
    const byte = value & 0xff
    if (offset === DATA && latch) this.divisor = (this.divisor & 0xff00) | byte
    else if (offset === DATA) this.send(byte)
    else if (offset === INTERRUPT_ENABLE && latch) this.divisor = (this.divisor & 0xff) | (byte << 8)
    else if (offset === INTERRUPT_ENABLE) this.enable(byte & 0xf)
    else if (offset === INTERRUPT_ID) this.controlFifo(byte)
    else if (offset === LINE_CONTROL) this.lineControl = byte
    else if (offset === MODEM_CONTROL) this.modemControl = byte & 0x1f
    else if (offset === SCRATCH) this.scratch = byte
    else return offset === LINE_STATUS || offset === MODEM_STATUS
    this.update()
    return true
  }

  private readData(): number {
    const byte = this.received.shift() ?? 0
    this.update()
    return byte
  }

  private send(byte: number): void {
    if ((this.modemControl & LOOPBACK) !== 0) this.received.push(byte)
    else this.transmit(byte)
    this.transmitPending = true
  }

  private enable(bits: number): void {
    const newly = bits & ~this.enabled
    if ((newly & ENABLE_TRANSMIT) !== 0) this.transmitPending = true
    this.enabled = bits
  }

  private controlFifo(bits: number): void {
    if ((bits & FIFO_CLEAR_RECEIVE) !== 0) this.received.length = 0
    this.fifoControl = bits & FIFO_ENABLE
  }

  private interruptId(): number {
    if ((this.enabled & ENABLE_RECEIVE) !== 0 && this.received.length > 0) return RECEIVE_INTERRUPT
    if ((this.enabled & ENABLE_TRANSMIT) !== 0 && this.transmitPending) return TRANSMIT_INTERRUPT
    return NO_INTERRUPT
  }

  private readInterruptId(): number {
    const id = this.interruptId()
    if (id === TRANSMIT_INTERRUPT) {
      this.transmitPending = false
      this.update()
    }
    return id | (this.fifoControl !== 0 ? 0xc0 : 0)
  }

  private update(): void {
    this.interrupt.set(this.interruptId() !== NO_INTERRUPT)
  }
}
