import { LINE_DEBUGGED, Memory } from '../bus/memory.ts'
import type { StepObserver } from '../cpu/step.ts'
import type { Machine } from '../machine.ts'
import type { RunControl } from './run-control.ts'

export interface Watchpoint {
  readonly kind: 'write' | 'read' | 'access'
  readonly address: number
  readonly length: number
}

/**
 * Breakpoints and watchpoints. Breakpoints and watched writes to memory cost a run nothing (writes by DMA are seen
 * too); reads and device accesses are found by stepping every instruction.
 */
export class Stops implements RunControl {
  /** The watchpoint that was hit since the last `arm`, and where. */
  hit: { readonly watchpoint: Watchpoint; readonly address: number } | undefined
  observer: StepObserver | undefined
  private readonly machine: Machine
  private readonly breakpoints = new Map<number, number>()
  private readonly watchpoints: Watchpoint[] = []
  private armed = false
  private readonly accesses: StepObserver = {
    load: (address, size) => this.touched(address, size, 'read'),
    store: (address, size) => this.touched(address, size, 'write'),
  }

  constructor(machine: Machine) {
    this.machine = machine
    for (const { device } of machine.bus.regions) {
      if (!(device instanceof Memory)) continue
      device.onFlaggedWrite(LINE_DEBUGGED, (address, length) => this.touched(address, length, 'write'))
    }
  }

  /** From now on stops are honoured, or ignored: while a run is repeated only to get somewhere. */
  arm(armed: boolean): void {
    this.armed = armed
    this.hit = undefined
    this.observer = armed && this.needsSteps() ? this.accesses : undefined
  }

  stopsAt(pc: number): boolean {
    return this.armed && (this.hit !== undefined || this.breakpoints.has(pc))
  }

  breaksAt(pc: number): boolean {
    return this.breakpoints.has(pc)
  }

  /** Breakpoints at one address count: software and hardware breakpoints may coincide. */
  setBreakpoint(pc: number, set: boolean): void {
    const count = (this.breakpoints.get(pc) ?? 0) + (set ? 1 : -1)
    if (count > 0) this.breakpoints.set(pc, count)
    else this.breakpoints.delete(pc)
    this.machine.hart.code.stopBefore(pc, count > 0)
  }

  setWatchpoint(watchpoint: Watchpoint, set: boolean): void {
    const { kind, address, length } = watchpoint
    const same = (other: Watchpoint) => other.kind === kind && other.address === address && other.length === length
    const index = this.watchpoints.findIndex(same)
    if (set && index < 0) this.watchpoints.push(watchpoint)
    else if (!set && index >= 0) this.watchpoints.splice(index, 1)
    this.memoryOf(watchpoint)?.unflag(address, length, LINE_DEBUGGED)
    for (const each of this.watchpoints) this.memoryOf(each)?.flag(each.address, each.length, LINE_DEBUGGED)
  }

  /** Forgets all of them. */
  clear(): void {
    for (const pc of [...this.breakpoints.keys()]) while (this.breakpoints.has(pc)) this.setBreakpoint(pc, false)
    for (const watchpoint of [...this.watchpoints]) this.setWatchpoint(watchpoint, false)
  }

  private needsSteps(): boolean {
    return this.watchpoints.some((each) => each.kind !== 'write' || this.memoryOf(each) === undefined)
  }

  private memoryOf({ address, length }: Watchpoint): Memory | undefined {
    return this.machine.bus.memoryAt(address, length)
  }

  private touched(address: number, length: number, how: 'read' | 'write'): void {
    if (!this.armed || this.hit !== undefined) return
    const watchpoint = this.watchpoints.find(
      (each) =>
        (each.kind === 'access' || each.kind === how) &&
        address < each.address + each.length &&
        each.address < address + length,
    )
    if (watchpoint !== undefined) this.hit = { watchpoint, address: watchpoint.address }
  }
}
