/**
 * NS16550A serial port (National Semiconductor PC16550D datasheet, section 8): FIFOs with trigger levels and time-out,
 * all interrupts, loop-back, divisor latch. Received bytes come at the pace of the programmed baud rate; the line has
 * flow control, so none is lost: it waits while the FIFO is full, and what a FIFO reset throws away comes again.
 * A half-word or word reaches the one register at its address by its low byte, as on the `virt` machine: drivers for it
 * that use words are about. Left out: time to transmit (a byte is out at once), errors of the line.
 */
import type { AccessSize, Device, InterruptLine } from '../bus/device.ts'
import type { ConsoleInput } from '../console-input.ts'
import { type EventQueue, placeOf, type ScheduledEvent } from '../events.ts'
import { flag, maskOf, type RegisterRow } from './registers.ts'

const DATA = 0
const INTERRUPT_ENABLE = 1
const INTERRUPT_ID = 2
const LINE_CONTROL = 3
const MODEM_CONTROL = 4
const LINE_STATUS = 5
const MODEM_STATUS = 6
const SCRATCH = 7

const ier = {
  erbfi: flag(0, 'Received data, and its time-out'),
  etbei: flag(1, 'Transmitter empty'),
  elsi: flag(2, 'Line status'),
  edssi: flag(3, 'Modem status'),
}
const iir = {
  none: flag(0, 'No interrupt is pending'),
  id: { bit: 1, bits: 3, doc: '3 line status, 2 received data, 6 time-out, 1 transmitter empty, 0 modem status' },
  fifos: { bit: 6, bits: 2, doc: '3 when the FIFOs are enabled' },
}
const fcr = {
  enable: flag(0, 'FIFOs of 16 bytes; changing it empties them'),
  reset_receive: flag(1, 'Empties the receive FIFO'),
  reset_transmit: flag(2, 'Empties the transmit FIFO'),
  trigger: { bit: 6, bits: 2, doc: 'Received bytes that interrupt: 1, 4, 8, 14' },
}
const lcr = {
  word: { bit: 0, bits: 2, doc: 'Data bits: 5 to 8' },
  stop: flag(2, 'Two stop bits'),
  parity: flag(3, 'Parity bit'),
  even: flag(4, 'Even parity'),
  stick: flag(5, 'Stick parity'),
  break: flag(6, 'Sends a break'),
  dlab: flag(7, 'Offsets 0 and 1 are the divisor latch'),
}
const mcr = {
  dtr: flag(0, 'Data terminal ready'),
  rts: flag(1, 'Request to send'),
  out1: flag(2, 'Output 1'),
  out2: flag(3, 'Output 2'),
  loop: flag(4, 'Loop-back: what is sent is received, modem outputs are modem inputs'),
}
const lsr = {
  dr: flag(0, 'Received data is there'),
  oe: flag(1, 'Overrun: a byte was lost'),
  pe: flag(2, 'Parity error'),
  fe: flag(3, 'Framing error'),
  bi: flag(4, 'Break'),
  thre: flag(5, 'Transmit FIFO is empty'),
  temt: flag(6, 'Transmitter is empty'),
  error: flag(7, 'An error is in the receive FIFO'),
}
const msr = {
  dcts: flag(0, 'CTS has changed'),
  ddsr: flag(1, 'DSR has changed'),
  teri: flag(2, 'RI has fallen'),
  ddcd: flag(3, 'DCD has changed'),
  cts: flag(4, 'Clear to send'),
  dsr: flag(5, 'Data set ready'),
  ri: flag(6, 'Ring indicator'),
  dcd: flag(7, 'Carrier detect'),
}

const byte = (offset: number, name: string, access: RegisterRow['access'], doc: string) =>
  ({ offset, name, size: 1, access, doc }) as const
export const uartRegisters: readonly RegisterRow[] = [
  byte(DATA, 'rbr', 'ro', 'Received byte'),
  { ...byte(DATA, 'thr', 'wo', 'Byte to send'), when: 'write' },
  { ...byte(DATA, 'dll', 'rw', 'Divisor, low byte'), when: 'dlab' },
  { ...byte(INTERRUPT_ENABLE, 'ier', 'rw', 'Interrupt enable'), fields: ier },
  { ...byte(INTERRUPT_ENABLE, 'dlm', 'rw', 'Divisor, high byte'), when: 'dlab' },
  { ...byte(INTERRUPT_ID, 'iir', 'ro', 'Interrupt identification'), reset: 1, fields: iir },
  { ...byte(INTERRUPT_ID, 'fcr', 'wo', 'FIFO control'), when: 'write', fields: fcr },
  { ...byte(LINE_CONTROL, 'lcr', 'rw', 'Line control'), fields: lcr },
  { ...byte(MODEM_CONTROL, 'mcr', 'rw', 'Modem control'), fields: mcr },
  { ...byte(LINE_STATUS, 'lsr', 'ro', 'Line status'), reset: maskOf(lsr.thre) | maskOf(lsr.temt), fields: lsr },
  { ...byte(MODEM_STATUS, 'msr', 'ro', 'Modem status'), reset: 0xb0, fields: msr },
  byte(SCRATCH, 'scr', 'rw', 'Scratch'),
]

const RECEIVE = maskOf(ier.erbfi)
const TRANSMIT = maskOf(ier.etbei)
const LINE = maskOf(ier.elsi)
const MODEM = maskOf(ier.edssi)
const LOOP = maskOf(mcr.loop)
const OVERRUN = maskOf(lsr.oe)
const TRANSMITTER_EMPTY = maskOf(lsr.thre) | maskOf(lsr.temt)
const DLAB = maskOf(lcr.dlab)
/** Values of IIR without the FIFO bits, in the order of their priority. */
const ID = { line: 6, data: 4, timeout: 12, transmit: 2, modem: 0, none: 1 } as const

const FIFO_BYTES = 16
const TRIGGERS = [1, 4, 8, 14] as const
/** The far end is always there: DCD, DSR and CTS. */
const CONNECTED = maskOf(msr.dcd) | maskOf(msr.dsr) | maskOf(msr.cts)
const MODEM_DELTAS = 0xf
/** Divisor of firmware that sets none: 115200 baud from the usual 1.8432 or 3.6864 MHz. */
const DEFAULT_DIVISOR = 2
const CLOCKS_PER_BIT = 16
/** A time-out is four characters without anything read or received (section 8.5.4). */
const TIMEOUT_FRAMES = 4
/** So many looks at an empty receiver in a row, with the input at its end, lead nowhere. */
const HOPELESS_POLLS = 10_000_000

/** What a UART is connected to. */
export interface UartWiring {
  readonly events: EventQueue
  readonly interrupt: InterruptLine
  readonly transmit: (byte: number) => void
  readonly input: ConsoleInput
  /** SoC cycles per cycle of the clock that the divisor divides. */
  readonly cyclesPerClock: number
}

export class Uart16550 implements Device {
  readonly name: string
  private readonly wiring: UartWiring
  /** Bytes of the line that have arrived in the FIFO: the first ones of the input. */
  private arrived = 0
  /** Bytes received from the own transmitter. */
  private looped: number[] = []
  /** The next byte of the line comes; the time-out comes. */
  private arrival: ScheduledEvent | undefined
  private timeout: ScheduledEvent | undefined
  private readonly registers = {
    ier: 0,
    fcr: 0,
    lcr: 0,
    mcr: 0,
    scr: 0,
    divisor: 0,
    /** Error bits of LSR. */
    errors: 0,
    /** Inputs and changes of MSR. */
    modem: CONNECTED,
    timedOut: false,
    /** Raised when the transmitter becomes empty, cleared by reading its identification. */
    transmitPending: false,
    /** The line sends from the first time that the guest looks for input. */
    listening: false,
    /** Cycle of the latest look at an empty receiver. */
    lookedAt: 0,
    /** Looks at an empty receiver since anything else happened here. */
    polls: 0,
  }

  constructor(name: string, wiring: UartWiring) {
    this.name = name
    this.wiring = wiring
    const { events, input } = wiring
    // What a run stopped for was there all the time: it comes as if the run had not stopped.
    input.onArrival(() => this.expect(input.live ? events.now : this.registers.lookedAt))
  }

  /** Whether the guest waits for received data by interrupt. */
  get awaitsInput(): boolean {
    return (this.registers.ier & RECEIVE) !== 0 && this.received === 0
  }

  /** Whether the guest polls for input that will never come. */
  get polledInVain(): boolean {
    return this.registers.polls > HOPELESS_POLLS && this.wiring.input.ended
  }

  save() {
    const { arrived, looped, arrival, timeout, registers } = this
    const events = { arrival: placeOf(arrival), timeout: placeOf(timeout) }
    return { arrived, looped: [...looped], ...events, registers: { ...registers } }
  }

  restore({ arrived, looped, arrival, timeout, registers }: ReturnType<Uart16550['save']>): void {
    const { events } = this.wiring
    this.arrived = arrived
    this.looped = [...looped]
    this.arrival = arrival && events.resume(arrival, () => this.arrive())
    this.timeout = timeout && events.resume(timeout, () => this.timeOut())
    Object.assign(this.registers, registers)
  }

  read(offset: number, _size: AccessSize): number | undefined {
    const { registers } = this
    const latch = (registers.lcr & DLAB) !== 0
    switch (offset) {
      case DATA:
        return latch ? registers.divisor & 0xff : this.readData()
      case INTERRUPT_ENABLE:
        return latch ? registers.divisor >>> 8 : registers.ier
      case INTERRUPT_ID:
        return this.readInterruptId()
      case LINE_CONTROL:
        return registers.lcr
      case MODEM_CONTROL:
        return registers.mcr
      case LINE_STATUS:
        return this.readLineStatus()
      case MODEM_STATUS:
        return this.readModemStatus()
      case SCRATCH:
        return registers.scr
      default:
        return undefined
    }
  }

  write(offset: number, _size: AccessSize, value: number): boolean {
    const { registers } = this
    const latch = (registers.lcr & DLAB) !== 0
    const byte = value & 0xff
    if (offset === DATA && latch) registers.divisor = (registers.divisor & 0xff00) | byte
    else if (offset === DATA) this.send(byte)
    else if (offset === INTERRUPT_ENABLE && latch) registers.divisor = (registers.divisor & 0xff) | (byte << 8)
    else if (offset === INTERRUPT_ENABLE) this.enable(byte & 0xf)
    else if (offset === INTERRUPT_ID) this.controlFifos(byte)
    else if (offset === LINE_CONTROL) registers.lcr = byte
    else if (offset === MODEM_CONTROL) this.controlModem(byte & 0x1f)
    else if (offset === SCRATCH) registers.scr = byte
    else return offset === LINE_STATUS || offset === MODEM_STATUS
    registers.polls = 0
    this.update()
    return true
  }

  /** Bytes that can be read. Somebody else may have taken from the input. */
  private get received(): number {
    return Math.min(this.arrived, this.wiring.input.length) + this.looped.length
  }

  private get fifosEnabled(): boolean {
    return (this.registers.fcr & maskOf(fcr.enable)) !== 0
  }

  /** SoC cycles of a start bit, the data bits, parity and stop bits. */
  private get frameCycles(): number {
    const { lcr: control, divisor } = this.registers
    const configured = divisor === 0 ? { bits: 8, divisor: DEFAULT_DIVISOR } : { bits: 5 + (control & 3), divisor }
    const parity = (control & maskOf(lcr.parity)) === 0 ? 0 : 1
    const stop = (control & maskOf(lcr.stop)) === 0 ? 1 : 2
    const clocks = (1 + configured.bits + parity + stop) * CLOCKS_PER_BIT * configured.divisor
    return Math.max(1, Math.round(clocks * this.wiring.cyclesPerClock))
  }

  /** The guest looks for received bytes: from now on the line sends. */
  private lookForInput(): void {
    this.registers.listening = true
    this.registers.lookedAt = this.wiring.events.now
    this.wiring.input.look()
    this.expect()
  }

  /** Lets the next byte of the line begin at cycle `from`, if there is one and room for it. */
  private expect(from = this.wiring.events.now): void {
    const { events, input } = this.wiring
    const { listening, mcr: control } = this.registers
    const room = this.received < (this.fifosEnabled ? FIFO_BYTES : 1)
    const more = input.length > this.arrived
    if (!listening || !room || !more || this.arrival !== undefined || (control & LOOP) !== 0) return
    this.arrival = events.schedule(from + this.frameCycles, () => this.arrive())
  }

  private arrive(): void {
    this.arrival = undefined
    this.arrived = Math.min(this.arrived + 1, this.wiring.input.length)
    this.receiverMoved()
    this.expect()
    this.update()
  }

  /** A byte came or went: the time-out counts from here. */
  private receiverMoved(): void {
    const { events } = this.wiring
    this.registers.timedOut = false
    this.registers.polls = 0
    if (this.timeout !== undefined) events.cancel(this.timeout)
    this.timeout = undefined
    if (!this.fifosEnabled || this.received === 0) return
    this.timeout = events.schedule(events.now + TIMEOUT_FRAMES * this.frameCycles, () => this.timeOut())
  }

  private timeOut(): void {
    this.timeout = undefined
    this.registers.timedOut = true
    this.update()
  }

  private readData(): number {
    if (this.received === 0) {
      this.lookForInput()
      return 0
    }
    const fromLine = Math.min(this.arrived, this.wiring.input.length) > 0
    const byte = fromLine ? this.wiring.input.take() : this.looped.shift()
    if (fromLine) this.arrived--
    this.receiverMoved()
    this.expect()
    this.update()
    return byte ?? 0
  }

  /** Two looks in a row mean that the guest waits for input: between two bytes that it sends there is only one. */
  private readLineStatus(): number {
    const { registers } = this
    const empty = this.received === 0
    if (empty && registers.polls > 0) this.lookForInput()
    registers.polls = empty ? registers.polls + 1 : 0
    const status = TRANSMITTER_EMPTY | registers.errors | (empty ? 0 : maskOf(lsr.dr))
    registers.errors = 0
    this.update()
    return status
  }

  private readModemStatus(): number {
    const { registers } = this
    const status = registers.modem
    registers.modem &= ~MODEM_DELTAS
    this.update()
    return status
  }

  private send(byte: number): void {
    const { registers } = this
    registers.transmitPending = true
    if ((registers.mcr & LOOP) === 0) this.wiring.transmit(byte)
    else if (this.received >= (this.fifosEnabled ? FIFO_BYTES : 1)) registers.errors |= OVERRUN
    else {
      this.looped.push(byte)
      this.receiverMoved()
    }
  }

  private enable(bits: number): void {
    const { registers } = this
    const newly = bits & ~registers.ier
    if ((newly & TRANSMIT) !== 0) registers.transmitPending = true
    registers.ier = bits
    if ((newly & RECEIVE) !== 0) this.lookForInput()
  }

  private controlFifos(bits: number): void {
    const { registers } = this
    const toggled = ((bits ^ registers.fcr) & maskOf(fcr.enable)) !== 0
    if (toggled || (bits & maskOf(fcr.reset_receive)) !== 0) {
      this.arrived = 0
      this.looped = []
      registers.errors = 0
    }
    const enabled = (bits & maskOf(fcr.enable)) !== 0
    registers.fcr = enabled ? bits & (maskOf(fcr.enable) | maskOf(fcr.trigger)) : 0
    this.receiverMoved()
    this.expect()
  }

  /** Loop-back ties RTS to CTS, DTR to DSR, OUT1 to RI and OUT2 to DCD (section 8.6.6). */
  private controlModem(bits: number): void {
    const { registers } = this
    const tied =
      ((bits & maskOf(mcr.rts)) !== 0 ? maskOf(msr.cts) : 0) |
      ((bits & maskOf(mcr.dtr)) !== 0 ? maskOf(msr.dsr) : 0) |
      ((bits & maskOf(mcr.out1)) !== 0 ? maskOf(msr.ri) : 0) |
      ((bits & maskOf(mcr.out2)) !== 0 ? maskOf(msr.dcd) : 0)
    const inputs = (bits & LOOP) === 0 ? CONNECTED : tied
    const before = registers.modem & ~MODEM_DELTAS
    const changed = (before ^ inputs) & ~maskOf(msr.ri)
    const ringEnded = (before & ~inputs & maskOf(msr.ri)) !== 0 ? maskOf(msr.ri) : 0
    registers.modem = inputs | (registers.modem & MODEM_DELTAS) | ((changed | ringEnded) >>> 4)
    registers.mcr = bits
    this.expect()
  }

  private interruptId(): number {
    const { ier: enabled, errors, fcr: control, timedOut, transmitPending, modem } = this.registers
    const trigger = this.fifosEnabled ? TRIGGERS[(control >>> 6) & 3]! : 1
    if ((enabled & LINE) !== 0 && errors !== 0) return ID.line
    if ((enabled & RECEIVE) !== 0 && this.received >= trigger) return ID.data
    if ((enabled & RECEIVE) !== 0 && timedOut && this.received > 0) return ID.timeout
    if ((enabled & TRANSMIT) !== 0 && transmitPending) return ID.transmit
    if ((enabled & MODEM) !== 0 && (modem & MODEM_DELTAS) !== 0) return ID.modem
    return ID.none
  }

  private readInterruptId(): number {
    const id = this.interruptId()
    if (id === ID.transmit) {
      this.registers.transmitPending = false
      this.update()
    }
    return id | (this.fifosEnabled ? maskOf(iir.fifos) : 0)
  }

  private update(): void {
    this.wiring.interrupt.set(this.interruptId() !== ID.none)
  }
}
