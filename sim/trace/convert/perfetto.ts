/** Chrome's trace event format in JSON, which ui.perfetto.dev opens: one track for everything that works by itself. */
import { hex } from '../../hex.ts'
import type { InstructionLog } from '../../probe/instruction-log.ts'
import type { TraceCommand, TraceEvent } from '../events.ts'
import type { TraceReader, TraceVisitor } from '../reader.ts'
import { CallFollower } from './call-follower.ts'
import { CommandFollower } from './command-follower.ts'
import { nanosecondsPerCycle, readSelected, type TraceFormat } from './format.ts'

const HART = 1
const ACCELERATOR = 2
const PLATFORM = 3
/** Calls that nest deeper are left out: of more open slices on a track, Perfetto mixes up where they end. */
const MOST_NESTED = 512

export const perfetto: TraceFormat = {
  name: 'perfetto',
  summary: 'for ui.perfetto.dev: functions, units, tokens, bus, interrupts and layers over time',
  convert: (trace, selection, write) => {
    const timeline = new Timeline(trace, write)
    readSelected(trace, selection, timeline)
    timeline.finish()
  },
}

type Arguments = Readonly<Record<string, unknown>>

class Timeline implements TraceVisitor {
  private readonly trace: TraceReader
  private readonly write: (text: string) => void
  private readonly microseconds: number
  private readonly calls: CallFollower
  /** Threads (tracks) by process and name. */
  private readonly tracks = new Map<string, number>()
  private readonly commands: CommandFollower
  /** The layer on each of their tracks. */
  private readonly layers: (number | undefined)[] = []
  private nested = 0
  private written = 0

  constructor(trace: TraceReader, write: (text: string) => void) {
    this.trace = trace
    this.write = write
    this.microseconds = nanosecondsPerCycle(trace) / 1000
    this.calls = new CallFollower(trace, {
      enter: (name, at) => this.nested++ < MOST_NESTED && this.slice('B', HART, 'functions', name, at),
      leave: (name, at) => --this.nested < MOST_NESTED && this.slice('E', HART, 'functions', name, at),
    })
    this.commands = new CommandFollower({
      begin: (command, at) => this.command('B', command, at),
      end: (command, at) => this.command('E', command, at),
      waiting: (unit, count, at) => this.counter(ACCELERATOR, unit, 'queue', at, count),
      transfers: (count, at) => this.counter(ACCELERATOR, 'bus', 'transfers', at, count),
    })
    write('{"displayTimeUnit":"ns","traceEvents":[')
    for (const [pid, name] of [
      [HART, `hart (${trace.header.cpu})`],
      [ACCELERATOR, 'accelerator'],
      [PLATFORM, trace.header.soc.name],
    ] as const) {
      this.put({ ph: 'M', name: 'process_name', pid, tid: 0, args: { name } })
    }
  }

  instructions(log: InstructionLog): void {
    this.calls.instructions(log)
  }

  event(event: TraceEvent): void {
    this.calls.event(event)
    this.commands.event(event)
    switch (event.kind) {
      case 'trap':
        this.instant(HART, 'traps', `cause ${hex(event.cause)}`, event.at, { pc: hex(event.pc) })
        break
      case 'irq':
        this.counter(PLATFORM, `interrupt line ${event.irq}`, 'level', event.at, Number(event.level))
        break
      case 'mmio': {
        const { region, offset, write, value, at, pc } = event
        const name = `${write ? 'write' : 'read'} ${region}+0x${offset.toString(16)}`
        this.instant(HART, 'device accesses', name, at, {
          value: value === undefined ? 'refused' : hex(value),
          pc: hex(pc),
        })
        break
      }
      case 'mem':
        this.instant(HART, 'memory accesses', event.write ? 'store' : 'load', event.at, {
          address: hex(event.address),
        })
        break
      case 'uart':
        this.instant(PLATFORM, 'console', printable(event.byte), event.at)
        break
      case 'token':
        this.instant(ACCELERATOR, 'tokens', `${event.from} to ${event.to}`, event.at, { count: event.count })
        break
      case 'fence':
        this.instant(ACCELERATOR, 'fences', `fence ${event.sequence}`, event.at)
        break
      case 'error':
        this.instant(ACCELERATOR, 'errors', event.message, event.at)
        break
      case 'reset':
        this.instant(ACCELERATOR, 'resets', 'reset', event.at)
        break
      case 'layer':
        this.layer(event.index, event.begins, event.at)
    }
  }

  finish(): void {
    this.calls.finish()
    this.write(']}\n')
  }

  private command(ph: 'B' | 'E', { name, unit, index, fields }: TraceCommand, at: number): void {
    this.slice(ph, ACCELERATOR, unit, name, at, { index, ...fields })
  }

  /**
   * Layers overlap, because the next one's first transfer begins before the last has finished: each takes the first track
   * that is free.
   */
  private layer(index: number, begins: boolean, at: number): void {
    const { layers } = this
    let place = layers.indexOf(begins ? undefined : index)
    if (place < 0 && !begins) return
    if (place < 0) place = layers.length
    layers[place] = begins ? index : undefined
    const layer = this.trace.header.network?.layers.find((one) => one.index === index)
    const name = layer === undefined ? `layer ${index}` : `${index} ${layer.op}`
    const track = place === 0 ? 'layers' : `layers (${place + 1})`
    this.slice(begins ? 'B' : 'E', ACCELERATOR, track, name, at, layer && { tensor: layer.name })
  }

  /** A counter's name, for Perfetto, is that of the event and that of the value. */
  private counter(pid: number, name: string, value: string, at: number, number: number): void {
    this.put({ ph: 'C', name, pid, tid: 0, ts: this.time(at), args: { [value]: number } })
  }

  private slice(ph: 'B' | 'E', pid: number, track: string, name: string, at: number, args?: Arguments): void {
    this.put({ ph, name, ...this.on(pid, track), ts: this.time(at), ...(args && { args }) })
  }

  private instant(pid: number, track: string, name: string, at: number, args?: Arguments): void {
    this.put({ ph: 'i', s: 't', name, ...this.on(pid, track), ts: this.time(at), ...(args && { args }) })
  }

  /** Where a track's events go; the track gets its name when it first comes up. */
  private on(pid: number, track: string): { readonly pid: number; readonly tid: number } {
    const key = `${pid} ${track}`
    let tid = this.tracks.get(key)
    if (tid === undefined) {
      tid = this.tracks.size + 1
      this.tracks.set(key, tid)
      this.put({ ph: 'M', name: 'thread_name', pid, tid, args: { name: track } })
    }
    return { pid, tid }
  }

  /** Microseconds, to the picosecond. */
  private time(cycle: number): number {
    return Math.round(cycle * this.microseconds * 1e6) / 1e6
  }

  private put(event: Readonly<Record<string, unknown>>): void {
    this.write(`${this.written++ === 0 ? '' : ','}\n${JSON.stringify(event)}`)
  }
}

const printable = (byte: number) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `0x${byte.toString(16)}`)
