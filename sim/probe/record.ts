import type { Hart } from '../cpu/hart.ts'
import { interpretRecording } from '../cpu/interpreter/interpreter.generated.ts'
import { type StepObserver, stepInstruction } from '../cpu/step.ts'
import { ACCESS_LOAD, ACCESS_STORE, type InstructionLog } from './instruction-log.ts'

const A0 = 10

/** Carries out instructions and logs those that retire. */
export class Recorder {
  private readonly hart: Hart
  private readonly log: InstructionLog
  private readonly observer: StepObserver
  private readonly x: Int32Array
  /** Registers before an instruction. */
  private readonly before: Int32Array
  /** What the instruction has accessed: put down when it retires, as the log may be handed out before. */
  private accessed = 0
  private address = 0
  private stored = 0

  /** @param log gets the entries; it must not be full when one is recorded */
  constructor(hart: Hart, log: InstructionLog) {
    this.hart = hart
    this.log = log
    this.x = hart.x.subarray(0, log.registers.length)
    this.before = this.x.slice()
    this.observer = {
      load: (address, size) => this.access(ACCESS_LOAD | size, address),
      store: (address, size, value) => {
        this.access(ACCESS_STORE | size, address)
        this.stored = value
      },
      csrWrite: (csr, value) => log.controls.push({ entry: log.count, csr, value }),
    }
  }

  /** Runs instructions up to cycle `until`, or up to the first one that needs the platform, and that one; or fewer. */
  run(until: number): void {
    const { hart, log } = this
    if (log.count === 0) log.registers.set(this.x)
    // Every instruction takes a cycle or more, so as many fit the log.
    const limit = Math.min(until, hart.cycles + log.room)
    if (!hart.observed) interpretRecording(hart, limit, log)
    if (hart.cycles < limit) this.step()
  }

  private step(): void {
    const { hart, log } = this
    const { pc, cycles, privilege } = hart
    this.before.set(this.x)
    this.accessed = 0
    const decoded = stepInstruction(hart, this.observer)
    if (decoded === undefined) return
    // The log may have been handed out before what the instruction has caused.
    if (log.count === 0) log.registers.set(this.before)
    const entry = log.count++
    log.pc[entry] = pc
    log.raw[entry] = decoded.raw
    log.began[entry] = cycles
    log.began[entry + 1] = hart.cycles
    log.privilege[entry] = privilege
    log.destination[entry] = decoded.rd
    log.result[entry] = hart.x[decoded.rd]!
    if (this.accessed !== 0) {
      log.access[entry] = this.accessed
      log.address[entry] = this.address
      log.stored[entry] = this.stored
    }
    // Semihosting answers in a0.
    if (this.x[A0] !== this.before[A0] && decoded.rd !== A0) log.sealed = true
  }

  private access(kind: number, address: number): void {
    this.accessed |= kind
    this.address = address
  }
}
