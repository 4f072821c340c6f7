import { ACCESS_STORE, InstructionLog } from '../../probe/instruction-log.ts'
import type { TraceEvent } from '../events.ts'
import { eventStep, instructionStep, type TraceStep } from './step.ts'

/** Steps before a difference that are told. */
const CONTEXT = 5

/** Goes through a sequence step by step; what a step says is written only when asked for. */
export class StepCursor {
  private readonly pieces: Iterator<InstructionLog | TraceEvent>
  private log: InstructionLog | undefined
  private entry = 0
  private event: TraceEvent | undefined
  /** The event as a step, once that was asked for. */
  private made: TraceStep | undefined
  /** The last steps of the pieces before the present one. */
  private readonly earlier: TraceStep[] = []

  constructor(pieces: Iterable<InstructionLog | TraceEvent>) {
    this.pieces = pieces[Symbol.iterator]()
  }

  /** Goes to the next step. @returns whether there is one */
  next(): boolean {
    if (this.log !== undefined && ++this.entry < this.log.count) return true
    this.keepLast()
    const { value, done } = this.pieces.next()
    this.log = value instanceof InstructionLog ? value : undefined
    this.event = value instanceof InstructionLog ? undefined : value
    this.made = undefined
    this.entry = 0
    return done !== true
  }

  get at(): number {
    return this.log === undefined ? this.event!.at : this.log.began[this.entry]!
  }

  /** Whether this step and another one do the same, at whatever time. */
  does(other: StepCursor): boolean {
    const [a, b] = [this.log, other.log]
    if (a === undefined || b === undefined) return a === b && this.step().text === other.step().text
    return sameInstruction(a, this.entry, b, other.entry)
  }

  step(): TraceStep {
    if (this.log !== undefined) return instructionStep(this.log, this.entry)
    return (this.made ??= eventStep(this.event!))
  }

  /** The steps before this one. */
  before(): TraceStep[] {
    return [...this.earlier, ...this.lastOf(this.entry)].slice(-CONTEXT)
  }

  private keepLast(): void {
    if (this.log !== undefined) this.earlier.push(...this.lastOf(this.log.count))
    else if (this.event !== undefined) this.earlier.push(this.step())
    this.earlier.splice(0, this.earlier.length - CONTEXT)
  }

  /** The last steps of the log before an entry. */
  private lastOf(end: number): TraceStep[] {
    const { log } = this
    if (log === undefined) return []
    const first = Math.max(0, end - CONTEXT)
    return Array.from({ length: end - first }, (_, i) => instructionStep(log, first + i))
  }
}

function sameInstruction(a: InstructionLog, i: number, b: InstructionLog, j: number): boolean {
  const access = a.access[i]!
  if (a.pc[i] !== b.pc[j] || a.raw[i] !== b.raw[j] || a.privilege[i] !== b.privilege[j] || access !== b.access[j]) {
    return false
  }
  const destination = a.destination[i]!
  if (destination !== b.destination[j] || (destination !== 0 && a.result[i] !== b.result[j])) return false
  if (access !== 0 && a.address[i] !== b.address[j]) return false
  if ((access & ACCESS_STORE) !== 0 && a.stored[i] !== b.stored[j]) return false
  if (a.controls.length === 0 && b.controls.length === 0) return true
  return controlsOf(a, i) === controlsOf(b, j)
}

/** What control registers an entry wrote. */
const controlsOf = ({ controls }: InstructionLog, e: number) =>
  controls.flatMap(({ entry, csr, value }) => (entry === e ? `${csr}=${value}` : [])).join()
