import type { Hart } from '../cpu/hart.ts'
import { type StepObserver, stepInstruction } from '../cpu/step.ts'
import { ACCESS_LOAD, ACCESS_STORE, type InstructionLog } from './instruction-log.ts'

/** Carries out instructions and logs those that retire. */
export class Recorder {
  private readonly hart: Hart
  private readonly log: InstructionLog
  private readonly observer: StepObserver

  /** @param log gets the entries; it must not be full when one is recorded */
  constructor(hart: Hart, log: InstructionLog) {
    this.hart = hart
    this.log = log
    this.observer = {
      load: (address, size) => this.access(ACCESS_LOAD | size, address),
      store: (address, size, value) => {
        this.access(ACCESS_STORE | size, address)
        log.stored[log.count] = value
      },
      csrWrite: (csr, value) => log.controls.push({ entry: log.count, csr, value }),
    }
  }

  /** Carries out the instruction at the hart's pc. */
  step(): void {
    const { hart, log } = this
    const { pc, cycles, privilege } = hart
    log.access[log.count] = 0
    const decoded = stepInstruction(hart, this.observer)
    if (decoded === undefined) return
    const entry = log.count++
    log.pc[entry] = pc
    log.raw[entry] = decoded.raw
    log.began[entry] = cycles
    log.began[entry + 1] = hart.cycles
    log.privilege[entry] = privilege
    log.destination[entry] = decoded.rd
    log.result[entry] = hart.x[decoded.rd]!
  }

  private access(kind: number, address: number): void {
    const { log } = this
    log.access[log.count] = log.access[log.count]! | kind
    log.address[log.count] = address
  }
}
