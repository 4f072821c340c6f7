import type { AnyCommand } from '../../sim/accel/description.ts'
import type { Hardware } from '../target/target.ts'
import { Dependencies } from './dependencies.ts'
import { type Footprint, footprintOf } from './overlap.ts'
import { PortTime, type Taken } from './port-time.ts'
import { type AddressOf, type Command, RAM, resolveFields } from './program.ts'

/** A command whose addresses are known, with what its description says about it. */
export interface PlacedCommand {
  readonly command: Command
  readonly spec: AnyCommand
  /** Index of its unit. */
  readonly unit: number
  readonly fields: Readonly<Record<string, number>>
  readonly footprint: Footprint
  /** Cycles in its unit, and behind them on the RAM port. */
  readonly cycles: number
  readonly busCycles: number
}

/** Looks a command up in its description and checks it. Undefined when the accelerator would refuse it. */
export function placeCommand(command: Command, addressOf: AddressOf, hardware: Hardware): PlacedCommand | undefined {
  const { description, parameters, memories } = hardware
  const spec = description.commands[command.name]
  if (spec === undefined) throw new RangeError(`${description.name} has no command ${command.name}`)
  const fields = completeFields(resolveFields(command, addressOf), spec)
  if (spec.check(fields, parameters) !== undefined) return undefined
  const footprint = footprintOf(spec.touches(fields, parameters))
  if (footprint.some(({ memory, end }) => memory !== RAM && end > (memories[memory]?.bytes ?? 0))) return undefined
  const { cycles, busCycles = 0 } = spec.cycles(fields, parameters)
  const unit = description.units.indexOf(spec.unit)
  return { command, spec, unit, fields, footprint, cycles, busCycles }
}

/** Every field of the command; those not given are zero. */
function completeFields(given: Record<string, number>, spec: AnyCommand): Record<string, number> {
  for (const name of Object.keys(given)) if (!(name in spec.fields)) throw new RangeError(`no field ${name}`)
  return Object.fromEntries(Object.keys(spec.fields).map((name) => [name, given[name] ?? 0]))
}

/** What to restore when a command is taken back. */
interface Undo {
  readonly unit: number
  readonly free: number
  readonly front: number
  readonly port: readonly Taken[]
}

/**
 * When every command runs: the front end fetches and queues commands one after the other; units work
 * in program order, side by side, wait for what conflicts, and share the RAM port. This is close to the
 * accelerator's own behaviour; the difference is how exactly transfers slow each other down.
 */
export class Timeline {
  private readonly dependencies: Dependencies
  private readonly finishes: number[] = []
  private readonly undo: Undo[] = []
  /** Per unit: when its commands started, and when it has nothing left to do. */
  private readonly starts: number[][]
  private readonly free: number[]
  private readonly port = new PortTime()
  /** When the front end has queued everything so far. */
  private front = 0
  private readonly fetchCycles: number
  private readonly queueDepth: number

  constructor({ description, parameters }: Hardware) {
    const { fetch, decodeCycles, queueDepth } = description.frontEnd.timing(parameters)
    this.fetchCycles = fetch.cycles + (fetch.busCycles ?? 0) + decodeCycles
    this.queueDepth = queueDepth
    this.dependencies = new Dependencies(description.units.length)
    this.starts = description.units.map(() => [])
    this.free = description.units.map(() => 0)
  }

  get length(): number {
    return this.finishes.length
  }

  /** Time at which everything has finished. */
  get end(): number {
    return Math.max(...this.free)
  }

  /** Sum over the units of the time at which each has nothing left to do. */
  get pressure(): number {
    return this.free.reduce((sum, time) => sum + time, 0)
  }

  /** Time at which a unit has nothing left to do. */
  freeAt(unit: number): number {
    return this.free[unit]!
  }

  /** The same of every unit. */
  busyUntil(): readonly number[] {
    return [...this.free]
  }

  /** Accounts for a command that only the front end sees. Cannot be taken back on its own. */
  fence(): void {
    this.front += this.fetchCycles
  }

  /** Appends a command; gives the time at which it finishes. */
  add({ unit, footprint, cycles, busCycles }: PlacedCommand): number {
    const starts = this.starts[unit]!
    const before = { unit, free: this.free[unit]!, front: this.front }
    const room = starts[starts.length - this.queueDepth] ?? 0
    this.front = Math.max(this.front + this.fetchCycles, room)
    const waits = this.dependencies.add(unit, footprint)
    const start = Math.max(this.front, this.free[unit]!, ...waits.map(({ command }) => this.finishes[command]!))
    const port = this.port.take(start + cycles, busCycles)
    const finish = port.at(-1)?.end ?? start + cycles
    this.undo.push({ ...before, port })
    starts.push(start)
    this.finishes.push(finish)
    this.free[unit] = finish
    return finish
  }

  /** Takes back every command from `length` on. */
  truncate(length: number): void {
    while (this.finishes.length > length) {
      const { unit, free, front, port } = this.undo.pop()!
      this.port.release(port)
      this.finishes.pop()
      this.starts[unit]!.pop()
      this.free[unit] = free
      this.front = front
    }
    this.dependencies.truncate(length)
  }
}
