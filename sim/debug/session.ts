/**
 * One debugger that speaks the remote serial protocol (GDB manual, appendix E) with one hart, seen as thread 1. It knows
 * nothing of sockets: bytes come in by `receive`, go out by `send`, and while the hart runs, whoever holds the session
 * calls `work` again and again.
 */
import type { RunResult } from '../run-result.ts'
import { peek } from './intervention.ts'
import { memoryMap } from './memory-map.ts'
import { MONITOR_HELP, type MonitorHost, monitor } from './monitor.ts'
import { frame, fromHex, PACKET_BYTES, PacketReader, toHex } from './packets.ts'
import { GENERAL_REGISTERS, readRegister, targetDescription } from './registers.ts'
import type { Watchpoint } from './stops.ts'
import type { BackwardStop, Timeline } from './timeline.ts'

/** Cycles between two looks at the line. */
const SLICE = 1 << 18
/** Steps of a range between two looks at the line. */
const SLICE_STEPS = 2000
const MOST_MEMORY = (PACKET_BYTES >> 1) - 16

const signals = { interrupt: 2, trap: 5, abort: 6, fault: 11 } as const
const ERROR_ARGUMENT = 'E16'
const ERROR_PLACE = 'E0e'
const FEATURES = [
  `PacketSize=${PACKET_BYTES.toString(16)}`,
  'QStartNoAckMode+',
  'qXfer:features:read+',
  'qXfer:memory-map:read+',
  'vContSupported+',
  'ReverseStep+',
  'ReverseContinue+',
].join(';')

/** What the session's holder does for it. */
export interface SessionHost extends MonitorHost {
  send(bytes: Uint8Array): void
}

/** How a debugger left: the hart stands still, runs on by itself, or shall be no more. */
export type Departure = 'detached' | 'killed'

type Motion =
  | { readonly kind: 'continue' }
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  | { readonly kind: 'back'; readonly work: Generator<void, BackwardStop> }

/** An answer; undefined when there is none to give now. */
type Reply = string | Uint8Array | undefined

export class GdbSession {
  /** Set once the debugger has taken its leave. */
  departure: Departure | undefined
  /** The guest's exit code, once its program has ended. */
  exitCode: number | undefined
  private readonly timeline: Timeline
  private readonly host: SessionHost
  private readonly reader = new PacketReader()
  private acknowledges = true
  private lastSent: Uint8Array | undefined
  private motion: Motion | undefined
  /** The guest stands still until it gets console input. */
  private starved = false
  private lastStop = stopReply(signals.trap)

  constructor(timeline: Timeline, host: SessionHost) {
    this.timeline = timeline
    this.host = host
  }

  /** Takes bytes from the debugger, in pieces of any size; whatever they are, it answers or ignores them. */
  receive(bytes: Uint8Array): void {
    if (this.acknowledges && bytes.includes(0x2d) && bytes.length === 1 && this.lastSent) this.host.send(this.lastSent)
    for (const incoming of this.reader.read(bytes)) {
      if (incoming.kind === 'interrupt') this.interrupt()
      else if (incoming.kind === 'damaged') this.acknowledge('-')
      else {
        this.acknowledge('+')
        this.handle(incoming.payload)
      }
    }
  }

  /**
   * Lets the hart run for a moment; answers the debugger when it comes to a stop.
   *
   * @returns whether more would come of doing it again before something comes in
   */
  work(): boolean {
    const { motion } = this
    this.starved = false
    if (motion?.kind === 'continue') this.afterRun(this.timeline.run(SLICE))
    else if (motion?.kind === 'range') this.stepThrough(motion.from, motion.to)
    else if (motion?.kind === 'back') {
      const { done, value } = motion.work.next()
      if (done === true) this.stop(backwardReply(value))
    }
    return this.motion !== undefined && !this.starved
  }

  private acknowledge(sign: '+' | '-'): void {
    if (this.acknowledges) this.host.send(new TextEncoder().encode(sign))
  }

  private reply(payload: string | Uint8Array): void {
    this.lastSent = frame(payload)
    this.host.send(this.lastSent)
  }

  private interrupt(): void {
    if (this.motion === undefined) return
    this.timeline.machine.flushConsole()
    this.stop(stopReply(signals.interrupt))
  }

  private stop(reply: string): void {
    this.motion = undefined
    this.lastStop = reply
    this.reply(reply)
  }

  private handle(payload: Uint8Array): void {
    // While the hart runs, only the interrupt makes sense; GDB sends nothing else then.
    if (this.motion !== undefined || this.departure !== undefined) return
    const text = Array.from(payload, (byte) => String.fromCharCode(byte)).join('')
    const answer = this.answer(text, payload)
    if (answer !== undefined) this.reply(answer)
  }

  private answer(text: string, payload: Uint8Array): Reply {
    const rest = text.slice(1)
    switch (text[0]) {
      case '?':
        return this.lastStop
      case 'g':
        return this.readGeneral()
      case 'G':
        return this.writeGeneral(rest)
      case 'p':
        return this.readOne(rest)
      case 'P':
        return this.writeOne(rest)
      case 'm':
        return this.readMemory(rest)
      case 'M':
        return this.writeMemory(rest, fromHex(rest.slice(rest.indexOf(':') + 1)))
      case 'X':
        return this.writeMemory(rest, payload.slice(text.indexOf(':') + 1))
      case 'Z':
      case 'z':
        return this.setStop(rest, text[0] === 'Z')
      case 'c':
      case 's':
      case 'C':
      case 'S':
        return this.resume(text)
      case 'b':
        return this.goBack(rest)
      case 'H':
      case 'T':
      case '!':
        return 'OK'
      case 'D':
        return this.leave('detached')
      case 'k':
        return this.leave('killed')
      case 'v':
        return this.verbose(text)
      case 'q':
      case 'Q':
        return this.query(text)
      default:
        return ''
    }
  }

  private readGeneral(): string {
    const words = Uint32Array.from({ length: GENERAL_REGISTERS }, (_, number) => readRegister(this.hart, number)!)
    return toHex(new Uint8Array(words.buffer))
  }

  private writeGeneral(hex: string): string {
    const bytes = fromHex(hex)
    if (bytes?.length !== GENERAL_REGISTERS * 4) return ERROR_ARGUMENT
    for (let number = 0; number < GENERAL_REGISTERS; number++) this.writeRegister(number, wordAt(bytes, number * 4))
    return 'OK'
  }

  private readOne(text: string): string {
    const value = readRegister(this.hart, hexNumber(text))
    return value === undefined ? ERROR_ARGUMENT : toHex(new Uint8Array(Uint32Array.of(value).buffer))
  }

  private writeOne(text: string): string {
    const [number = '', hex = ''] = text.split('=')
    const bytes = fromHex(hex)
    if (bytes?.length !== 4) return ERROR_ARGUMENT
    return this.writeRegister(hexNumber(number), wordAt(bytes, 0)) ? 'OK' : ERROR_ARGUMENT
  }

  /** What already has the value is left alone: GDB writes all of `G`, and a change ends the known future. */
  private writeRegister(number: number, value: number): boolean {
    if (readRegister(this.hart, number) === value) return true
    return this.timeline.intervene({ kind: 'register', number, value })
  }

  private readMemory(text: string): string {
    const [address, length] = numbers(text)
    if (address === undefined || length === undefined || length > MOST_MEMORY) return ERROR_ARGUMENT
    const bytes = peek(this.timeline.machine, address, length)
    return bytes === undefined ? ERROR_PLACE : toHex(bytes)
  }

  private writeMemory(text: string, bytes: Uint8Array | undefined): string {
    const [address, length] = numbers(text.split(':')[0]!)
    if (address === undefined || bytes === undefined || bytes.length !== length) return ERROR_ARGUMENT
    // Debuggers probe whether binary writes are understood by writing nothing.
    if (length === 0) return 'OK'
    return this.timeline.intervene({ kind: 'memory', address, bytes }) ? 'OK' : ERROR_PLACE
  }

  private setStop(text: string, set: boolean): string {
    const [type, address, length] = numbers(text)
    if (type === undefined || address === undefined || length === undefined) return ERROR_ARGUMENT
    const kind = watchKinds[type]
    if (type <= 1) this.timeline.stops.setBreakpoint(address, set)
    else if (kind === undefined) return ''
    else if (length < 1 || length > MOST_MEMORY) return ERROR_ARGUMENT
    else this.timeline.stops.setWatchpoint({ kind, address, length }, set)
    return 'OK'
  }

  /** `c`, `s`, `C signal`, `S signal`, with an address to go on at; signals mean nothing to a bare hart. */
  private resume(text: string): Reply {
    const argument = /^[CS]/.test(text) ? text.split(';')[1] : text.slice(1)
    if (argument !== undefined && argument !== '') {
      const pc = hexNumber(argument)
      if (!(pc <= 0xffff_ffff)) return ERROR_ARGUMENT
      this.writeRegister(GENERAL_REGISTERS - 1, pc)
    }
    return this.move(text[0]!.toLowerCase() === 'c' ? { kind: 'continue' } : { kind: 'range', from: 0, to: 0 })
  }

  private move(motion: Motion): undefined {
    this.motion = motion
  }

  private goBack(how: string): Reply {
    if (how === 'c') return this.move({ kind: 'back', work: this.timeline.runBack() })
    if (how !== 's') return ''
    this.lastStop = this.timeline.stepBack() ? stopReply(signals.trap) : backwardReply({ kind: 'beginning' })
    return this.lastStop
  }

  private leave(departure: Departure): Reply {
    this.departure = departure
    this.timeline.stops.clear()
    return departure === 'detached' ? 'OK' : undefined
  }

  private verbose(text: string): Reply {
    if (text === 'vCont?') return 'vCont;c;C;s;S;r'
    if (text.startsWith('vKill')) {
      this.leave('killed')
      return 'OK'
    }
    if (!text.startsWith('vCont;')) return ''
    const action = text.slice('vCont;'.length).split(/[;:]/)[0]!
    const range = /^r([0-9a-f]+),([0-9a-f]+)$/.exec(action)
    if (range !== null) return this.move({ kind: 'range', from: hexNumber(range[1]!), to: hexNumber(range[2]!) })
    if (/^[cCsS]/.test(action)) return this.resume(action[0]!)
    return ERROR_ARGUMENT
  }

  private query(text: string): Reply {
    const [name = ''] = text.split(/[:,;]/)
    switch (name) {
      case 'qSupported':
        return FEATURES
      case 'QStartNoAckMode':
        this.acknowledges = false
        return 'OK'
      case 'qAttached':
        return '1'
      case 'qC':
        return 'QC1'
      case 'qfThreadInfo':
        return 'm1'
      case 'qsThreadInfo':
        return 'l'
      case 'qSymbol':
        return 'OK'
      case 'qRcmd':
        return this.monitor(text.slice('qRcmd,'.length))
      case 'qXfer':
        return this.transfer(text)
      default:
        return ''
    }
  }

  private monitor(hex: string): string {
    const bytes = fromHex(hex)
    if (bytes === undefined) return ERROR_ARGUMENT
    const output = monitor(new TextDecoder().decode(bytes), this.timeline, this.host) ?? MONITOR_HELP
    return toHex(new TextEncoder().encode(`${output}\n`))
  }

  /** `qXfer:object:read:annex:offset,length` */
  private transfer(text: string): string {
    const [, object, operation, annex, place = ''] = text.split(':')
    const [offset, length] = numbers(place)
    if (operation !== 'read' || offset === undefined || length === undefined) return ERROR_ARGUMENT
    const isTarget = object === 'features' && annex === 'target.xml'
    if (!isTarget && object !== 'memory-map') return object === 'features' ? 'E00' : ''
    const whole = isTarget ? targetDescription(this.hart) : memoryMap(this.timeline.machine.bus.regions)
    const piece = whole.slice(offset, offset + length)
    return `${offset + piece.length < whole.length ? 'm' : 'l'}${piece}`
  }

  /** Steps until pc leaves a range: at least once, so that an empty range is a single step. */
  private stepThrough(from: number, to: number): void {
    for (let count = 0; count < SLICE_STEPS; count++) {
      const result = this.timeline.step()
      const { pc } = this.hart
      this.afterRun(result)
      if (this.motion === undefined || result.reason !== 'limit') return
      if (pc < from || pc >= to) {
        this.stop(stopReply(signals.trap))
        return
      }
    }
  }

  private afterRun(result: RunResult): void {
    const { hit } = this.timeline.stops
    this.starved = result.reason === 'input'
    if (result.reason === 'exit') {
      this.exitCode = result.exitCode
      this.stop(`W${(result.exitCode & 0xff).toString(16).padStart(2, '0')}`)
    } else if (result.reason === 'trap' || result.reason === 'deadlock') {
      this.host.report(`${result.reason}: ${result.explanation}`)
      this.stop(stopReply(result.reason === 'trap' ? signals.fault : signals.abort))
    } else if (hit !== undefined) this.stop(watchReply(hit.watchpoint))
    else if (this.timeline.stops.stopsAt(this.hart.pc)) this.stop(stopReply(signals.trap))
  }

  private get hart() {
    return this.timeline.machine.hart
  }
}

const watchKinds: Readonly<Record<number, Watchpoint['kind']>> = { 2: 'write', 3: 'read', 4: 'access' }
const watchNames: Readonly<Record<Watchpoint['kind'], string>> = { write: 'watch', read: 'rwatch', access: 'awatch' }

function stopReply(signal: number, more = ''): string {
  return `T${signal.toString(16).padStart(2, '0')}thread:1;${more}`
}

function watchReply({ kind, address }: Watchpoint): string {
  return stopReply(signals.trap, `${watchNames[kind]}:${address.toString(16)};`)
}

function backwardReply(stop: BackwardStop): string {
  if (stop.kind === 'watchpoint') return watchReply(stop.hit.watchpoint)
  return stopReply(signals.trap, stop.kind === 'beginning' ? 'replaylog:begin;' : '')
}

/** A hexadecimal number, NaN when it is none. */
function hexNumber(text: string): number {
  return /^[0-9a-fA-F]{1,12}$/.test(text) ? Number.parseInt(text, 16) : Number.NaN
}

/** Hexadecimal numbers between commas, as far as they are numbers of 32 bits. */
function numbers(text: string): (number | undefined)[] {
  return text.split(/[,;]/).map((each) => (hexNumber(each) <= 0xffff_ffff ? hexNumber(each) : undefined))
}

function wordAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true)
}
