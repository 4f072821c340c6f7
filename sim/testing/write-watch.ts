import type { IssuedCommand } from '../accel/listener.ts'
import type { SymbolTable } from '../elf/symbols.ts'
import { ACCESS_BYTES, ACCESS_STORE, type InstructionLog } from '../probe/instruction-log.ts'
import type { Probe } from '../probe/probe.ts'
import type { StrayWrite } from './buffers.ts'

/** Finds out who first writes certain bytes. */
export class WriteWatch {
  readonly probe: Probe
  private readonly writes: readonly StrayWrite[]
  private readonly writers = new Map<StrayWrite, number | IssuedCommand>()
  private active = false

  constructor(writes: readonly StrayWrite[]) {
    this.writes = writes
    this.probe = {
      instructions: (log) => this.follow(log),
      accelerator: { finished: (command) => this.check(command) },
    }
  }

  /** What was written so far does not count. */
  begin(): void {
    this.active = true
  }

  /** `, by a store in add_s8+0x24`, or nothing when nobody was seen. */
  writerOf(write: StrayWrite, symbols: SymbolTable): string {
    const writer = this.writers.get(write)
    if (writer === undefined) return ''
    if (typeof writer !== 'number') return `, by command ${writer.index} (${writer.name}) of the accelerator`
    return `, by a store in ${symbols.describe(writer) ?? `0x${writer.toString(16)}`}`
  }

  private follow(log: InstructionLog): void {
    for (let i = 0; i < log.count; i++) {
      const access = log.access[i]!
      if ((access & ACCESS_STORE) !== 0) this.blame(log.address[i]!, access & ACCESS_BYTES, log.pc[i]!)
    }
  }

  private check(command: IssuedCommand): void {
    for (const { memory, access, start, bytes, repeat = [] } of command.regions) {
      if (memory !== 'ram' || access !== 'write') continue
      const starts = repeat.reduce(
        (all, { count, stride }) => all.flatMap((at) => Array.from({ length: count }, (_, i) => at + i * stride)),
        [start],
      )
      for (const at of starts) this.blame(at, bytes, command)
    }
  }

  private blame(address: number, bytes: number, writer: number | IssuedCommand): void {
    if (!this.active) return
    for (const write of this.writes) {
      const hit = write.address >= address && write.address < address + bytes
      if (hit && !this.writers.has(write)) this.writers.set(write, writer)
    }
  }
}
