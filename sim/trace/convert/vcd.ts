/** Value change dump (IEEE 1364-2005, clause 18), for GTKWave and other waveform viewers. */
import type { InstructionLog } from '../../probe/instruction-log.ts'
import type { TraceEvent } from '../events.ts'
import type { TraceReader } from '../reader.ts'
import { CommandFollower } from './command-follower.ts'
import { readSelected, type TraceFormat } from './format.ts'
import { inTimeOrder } from './in-time-order.ts'

/** A signal; `bits` 0 stands for text. */
interface Signal {
  readonly id: string
  readonly scope: string
  readonly name: string
  readonly bits: number
  value: number | string | undefined
}

const PICOSECONDS = 1e12
const FIRST_ID = 33
const IDS = 94

export const vcd: TraceFormat = {
  name: 'vcd',
  summary: 'waveforms of registers, pc, units, queues and interrupt lines, for GTKWave',
  needs: ['commit', 'trap', 'irq', 'dma', 'compute', 'uart'],
  convert: (trace, selection, write) => {
    const units = [...new Set(Object.values(trace.header.commands ?? {}).map(({ unit }) => unit))]
    const wave = new Waveform(trace, units, write)
    const ordered = inTimeOrder(wave)
    readSelected(trace, selection, ordered)
    ordered.finish()
    wave.finish()
  },
}

class Waveform {
  private readonly signals: Signal[] = []
  private readonly byName = new Map<string, Signal>()
  private readonly write: (text: string) => void
  private readonly trace: TraceReader
  private readonly scale: number
  private readonly registers: readonly Signal[]
  private readonly pc: Signal
  private readonly function: Signal
  private readonly privilege: Signal
  private readonly commands = new CommandFollower({
    begin: ({ unit, index }) => {
      this.named(`${unit}_command`, index)
      this.named(`${unit}_busy`, 1)
    },
    end: ({ unit }) => this.named(`${unit}_busy`, 0),
    waiting: (unit, count) => this.named(`${unit}_queued`, count),
    transfers: (count) => this.named('bus_busy', count),
  })
  private time = -1
  private end = 0

  constructor(trace: TraceReader, units: readonly string[], write: (text: string) => void) {
    this.trace = trace
    this.write = write
    this.scale = PICOSECONDS / trace.header.soc.clockHz
    this.pc = this.add('hart', 'pc', 32)
    this.function = this.add('hart', 'function', 0)
    this.privilege = this.add('hart', 'privilege', 2)
    this.registers = Array.from({ length: 32 }, (_, n) => this.add('hart', `x${n}`, 32))
    for (const name of ['trap', 'waiting']) this.add('hart', name, 1)
    for (const unit of units) {
      this.add('accelerator', `${unit}_busy`, 1)
      this.add('accelerator', `${unit}_queued`, 16)
      this.add('accelerator', `${unit}_command`, 32)
    }
    this.add('accelerator', 'bus_busy', 8)
    for (const block of trace.header.soc.blocks)
      if ('irq' in block) this.add('interrupts', `${block.name}_irq${block.irq}`, 1)
    this.add('console', 'byte', 8)
    this.writeHead()
  }

  instruction(log: InstructionLog, entry: number): void {
    this.at(log.began[entry]!)
    this.set(this.pc, log.pc[entry]!)
    this.set(this.function, this.trace.functionAt(log.pc[entry]!))
    this.set(this.privilege, log.privilege[entry]!)
    const destination = log.destination[entry]!
    this.end = log.began[entry + 1]!
    // The result is there when the next instruction begins.
    if (destination === 0) return
    this.at(this.end)
    this.set(this.registers[destination]!, log.result[entry]! >>> 0)
  }

  event(event: TraceEvent): void {
    this.end = Math.max(this.end, event.at)
    this.at(event.at)
    switch (event.kind) {
      case 'trap':
      case 'return':
        this.named('trap', Number(event.kind === 'trap'))
        break
      case 'idle':
        this.named('waiting', 1)
        this.at(event.until)
        this.end = event.until
        this.named('waiting', 0)
        break
      case 'irq': {
        const block = this.trace.header.soc.blocks.find((one) => 'irq' in one && one.irq === event.irq)
        this.named(`${block?.name}_irq${event.irq}`, Number(event.level))
        break
      }
      case 'uart':
        this.named('byte', event.byte)
    }
    this.commands.event(event)
  }

  finish(): void {
    this.at(this.end)
  }

  private add(scope: string, name: string, bits: number): Signal {
    const number = this.signals.length
    const id = number < IDS ? letter(number) : letter(number % IDS) + letter(Math.floor(number / IDS) - 1)
    const signal: Signal = { id, scope, name, bits, value: undefined }
    this.signals.push(signal)
    this.byName.set(name, signal)
    return signal
  }

  private writeHead(): void {
    this.write('$version presilicon $end\n$timescale 1ps $end\n')
    for (const scope of new Set(this.signals.map((signal) => signal.scope))) {
      this.write(`$scope module ${scope} $end\n`)
      for (const { id, name, bits } of this.signals.filter((signal) => signal.scope === scope)) {
        this.write(bits === 0 ? `$var string 1 ${id} ${name} $end\n` : `$var wire ${bits} ${id} ${name} $end\n`)
      }
      this.write('$upscope $end\n')
    }
    this.write('$enddefinitions $end\n')
  }

  /** Time never goes back. */
  private at(cycle: number): void {
    const time = Math.round(cycle * this.scale)
    if (time <= this.time) return
    this.time = time
    this.write(`#${time}\n`)
  }

  private named(name: string, value: number): void {
    const signal = this.byName.get(name)
    if (signal !== undefined) this.set(signal, value)
  }

  private set(signal: Signal, value: number | string): void {
    if (signal.value === value) return
    signal.value = value
    if (typeof value === 'string') this.write(`s${value.replaceAll(/\s/g, '_')} ${signal.id}\n`)
    else this.write(signal.bits === 1 ? `${value}${signal.id}\n` : `b${value.toString(2)} ${signal.id}\n`)
  }
}

const letter = (number: number) => String.fromCharCode(FIRST_ID + number)
