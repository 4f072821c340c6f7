/** Where the hart executes, where its stack goes, and what it may not overwrite. */
import type { Decoder } from '../cpu/decoder.ts'
import type { ElfImage, ElfSegment } from '../elf/image.ts'
import type { InstructionLog } from '../probe/instruction-log.ts'
import { HART_STORE, HOST, NEVER } from './access-records.ts'
import type { Findings } from './findings.ts'
import type { Memories } from './memories.ts'
import { hex, type Places } from './places.ts'

const STACK_POINTER = 2

interface Range {
  readonly from: number
  readonly to: number
}

export class HartCode {
  private readonly findings: Findings
  private readonly places: Places
  private readonly memories: Memories
  private readonly decoder: Decoder
  private code: Range[] = []
  private constants: Range[] = []
  /** The piece of code that the last instruction was in. */
  private here: Range = { from: 0, to: 0 }
  private stack: Range | undefined
  private stackPointer = 0
  /** Whether the last instruction was outside of all code: only the first one there is reported. */
  private away = false
  /** Address of the last instruction of the log before. */
  private before = 0
  /** When fetch last caught up with memory. */
  private synchronised = -1

  constructor(findings: Findings, places: Places, memories: Memories, decoder: Decoder) {
    this.findings = findings
    this.places = places
    this.memories = memories
    this.decoder = decoder
  }

  load({ segments }: ElfImage): void {
    const range = ({ address, memorySize }: ElfSegment) => ({ from: address, to: address + memorySize })
    this.code.push(...segments.filter(({ executable }) => executable).map(range))
    this.constants.push(...segments.filter(({ writable }) => !writable).map(range))
    const from = this.places.address('__stack_bottom')
    const to = this.places.address('__stack_top')
    if (from !== undefined && to !== undefined) this.stack = { from, to }
  }

  /** A log was seen to its end. */
  endOf(log: InstructionLog): void {
    if (log.count > 0) this.before = log.pc[log.count - 1]!
  }

  /** fence.i: what was stored before may be executed. */
  synchronise(at: number): void {
    this.synchronised = at
  }

  isStack(address: number): boolean {
    return this.stack !== undefined && address >= this.stack.from && address < this.stack.to
  }

  /** Whether an instruction is not in the same piece of code as the one before. */
  leaves(pc: number): boolean {
    return pc < this.here.from || pc >= this.here.to
  }

  /** Entry `i` of a log is in another piece of code. */
  goTo(log: InstructionLog, i: number): void {
    const pc = log.pc[i]!
    const known = this.code.find(({ from, to }) => pc >= from && pc < to)
    if (known !== undefined) {
      this.here = known
      this.away = false
      return
    }
    if (this.away) return
    this.away = true
    this.here = { from: 0, to: 0 }
    const { records } = this.memories
    const writer = this.memories.busAt(pc)?.writerOf(pc) ?? NEVER
    const from = i > 0 ? log.pc[i - 1]! : this.before
    const side = this.places.hart('jump', { pc: from, caller: 0, at: log.began[i]! })
    if (writer === NEVER || writer === HOST) {
      const message = `the hart executes ${this.places.addressText(pc)}, which is no code; look for a wrong function pointer or return address`
      this.findings.add('jump-into-data', log.began[i]!, message, side)
    } else if (records.at[writer]! > this.synchronised) {
      const message = `the hart executes ${this.places.addressText(pc)}, which was written after the last fence.i; put fence.i between writing code and jumping there`
      const site = { pc: records.origin[writer]!, caller: records.caller[writer]!, at: records.at[writer]! }
      const stored = records.actor[writer] === HART_STORE
      this.findings.add(
        'missing-fence-i',
        log.began[i]!,
        message,
        side,
        stored ? this.places.hart('store of code', site) : undefined,
      )
    }
  }

  /** Entry `i` stores. */
  store(log: InstructionLog, i: number, caller: number): void {
    const address = log.address[i]!
    if (!this.isConstant(address)) return
    const side = this.places.hart('store by the hart', { pc: log.pc[i]!, caller, at: log.began[i]! })
    const message = `the hart writes ${this.places.addressText(address)}, which is constant; in ROM or flash that is lost`
    this.findings.add('write-to-constant', log.began[i]!, message, side)
  }

  /** Whether a byte is code or constant data of the program. */
  isConstant(address: number): boolean {
    return this.constants.some(({ from, to }) => address >= from && address < to)
  }

  /** A stack grows by instructions that subtract from its own pointer; a switch to another stack loads one. */
  moveStack(log: InstructionLog, i: number, caller: number): void {
    const before = this.stackPointer
    const now = log.result[i]! >>> 0
    this.stackPointer = now
    if (now >= before) return
    const decoded = this.decoder.decode(log.raw[i]!)
    if (decoded === undefined || (decoded.rs1 !== STACK_POINTER && decoded.rs2 !== STACK_POINTER)) return
    const own = this.stackAround(before)
    if (own === undefined || now >= own.from) return
    const side = this.places.hart('stack grows', { pc: log.pc[i]!, caller, at: log.began[i]! })
    const message = `the stack pointer goes to ${this.places.addressText(now)}, ${own.from - now} bytes below the end of ${own.name} at ${hex(own.from)}; give it more room, or use less`
    this.findings.add('stack-overflow', log.began[i]!, message, side)
  }

  private stackAround(pointer: number): { readonly from: number; readonly name: string } | undefined {
    const { stack } = this
    if (stack !== undefined && pointer > stack.from && pointer <= stack.to)
      return { from: stack.from, name: 'the stack' }
    const object = this.places.objectAt(pointer - 1)
    return object && { from: object.address, name: object.name }
  }
}
