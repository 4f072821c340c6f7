import type { AnyCommand } from '../../sim/accel/description.ts'
import type { Hardware } from '../target/target.ts'
import { Dependencies } from './dependencies.ts'
import { type Footprint, footprintOf } from './overlap.ts'
import { type AddressOf, type Command, RAM, resolveFields } from './program.ts'

/** A command whose addresses are known, with what its description says about it. */
export interface PlacedCommand {
  readonly command: Command
  readonly spec: AnyCommand
  /** Index of its unit. */
  readonly unit: number
  readonly fields: Readonly<Record<string, number>>
  readonly footprint: Footprint
  /** Cycles that it takes when nothing else wants the bus. */
  readonly cycles: number
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
  return { command, spec, unit, fields, footprint, cycles: cycles + busCycles }
}

/** Every field of the command; those not given are zero. */
function completeFields(given: Record<string, number>, spec: AnyCommand): Record<string, number> {
  for (const name of Object.keys(given)) if (!(name in spec.fields)) throw new RangeError(`no field ${name}`)
  return Object.fromEntries(Object.keys(spec.fields).map((name) => [name, given[name] ?? 0]))
}

/**
 * When every command runs: units work in program order, side by side, and wait for what conflicts.
 * This is the accelerator's own behaviour but for contention on the bus and the depth of its queues.
 */
export class Timeline {
  private readonly dependencies: Dependencies
  private readonly finishes: number[] = []
  private readonly units: number[] = []
  private readonly previousFree: number[] = []
  private readonly free: number[]

  constructor(hardware: Hardware) {
    this.dependencies = new Dependencies(hardware.description.units.length)
    this.free = hardware.description.units.map(() => 0)
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

  /** Appends a command; gives the time at which it finishes. */
  add({ unit, footprint, cycles }: PlacedCommand): number {
    const waits = this.dependencies.add(unit, footprint)
    const start = Math.max(this.free[unit]!, ...waits.map(({ command }) => this.finishes[command]!))
    this.previousFree.push(this.free[unit]!)
    this.units.push(unit)
    this.finishes.push(start + cycles)
    this.free[unit] = start + cycles
    return start + cycles
  }

  /** Takes back every command from `length` on. */
  truncate(length: number): void {
    while (this.finishes.length > length) {
      this.finishes.pop()
      this.free[this.units.pop()!] = this.previousFree.pop()!
    }
    this.dependencies.truncate(length)
  }
}
