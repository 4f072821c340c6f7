/** Where the hart executes, where its stack goes, and what it may not overwrite. */
import type { Decoder } from '../cpu/decoder.ts'
import type { ElfImage, ElfSegment } from '../elf/image.ts'
import type { InstructionLog } from '../probe/instruction-log.ts'
import { HART_STORE, HOST, NEVER } from './access-records.ts'
import type { Findings } from './findings.ts'
import type { Memories } from './memories.ts'
import { hex, type Places } from './places.ts'
import type { HartSite } from './ring-order.ts'
import { Stacks } from './stacks.ts'
import type { Surroundings } from './surroundings.ts'

export interface Range {
  readonly from: number
  /** One past its last byte. */
  readonly to: number
}

interface Stack extends Range {
  readonly name: string
}

export class HartCode {
  private readonly findings: Findings
  private readonly places: Places
  private readonly memories: Memories
  /** What is known of stacks, that of the hart and others. */
  readonly stacks: Stacks
  private code: Range[] = []
  private constants: Range[] = []
  /** The piece of code that the last instruction was in. */
  private here: Range = { from: 0, to: 0 }
  private stack: Range | undefined
  /** What the last stack was in, by its top. */
  private below: { readonly top: number; readonly place: Stack | undefined } = { top: 0, place: undefined }
  /** Whether the last instruction was outside of all code: only the first one there is reported. */
  private away = false
  /** Address of the last instruction of the log before. */
  private before = 0
  /** Whether nothing is known of what memory held at first. */
  private trusted = false
  /** When fetch last caught up with memory. */
  private synchronised = -1

  constructor({ findings, places, memories }: Surroundings, decoder: Decoder) {
    this.findings = findings
    this.places = places
    this.memories = memories
    this.stacks = new Stacks(decoder)
  }

  load({ segments }: ElfImage): void {
    const range = ({ address, memorySize }: ElfSegment) => ({ from: address, to: address + memorySize })
    this.code.push(...segments.filter(({ executable }) => executable).map(range))
    this.constants.push(...segments.filter(({ writable }) => !writable).map(range))
    const from = this.places.address('__stack_bottom')
    const to = this.places.address('__stack_top')
    if (from !== undefined && to !== undefined) this.stack = { from, to }
    this.below = { top: 0, place: undefined }
  }

  trustEverything(): void {
    this.trusted = true
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
    if (writer === HOST && this.trusted) return
    if (records.garbage[writer] === 1 || writer === HOST) {
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

  /**
   * Entry `i` sets the stack pointer.
   *
   * @returns what a function or block leaves behind below the stack pointer
   */
  moveStack(log: InstructionLog, i: number, caller: number): Range | undefined {
    const move = this.stacks.move(log, i)
    if (move === undefined) return undefined
    const { before, now, top } = move
    const own = this.stackBelow(top)
    if (own === undefined || before < own.from) return undefined
    if (now < own.from) this.overflow(own, now, { pc: log.pc[i]!, caller, at: log.began[i]! })
    const to = Math.min(now, top)
    return to > before ? { from: before, to } : undefined
  }

  private overflow(own: Stack, now: number, site: HartSite): void {
    const message = `the stack pointer goes to ${this.places.addressText(now)}, ${own.from - now} bytes below the end of ${own.name} at ${hex(own.from)}; give it more room, or use less`
    this.findings.add('stack-overflow', site.at, message, this.places.hart('stack grows', site))
  }

  /** The variable or part of memory in which a stack with this top is. */
  private stackBelow(top: number): Stack | undefined {
    if (this.below.top !== top) this.below = { top, place: this.findBelow(top) }
    return this.below.place
  }

  private findBelow(top: number): Stack | undefined {
    const { stack } = this
    if (stack !== undefined && top > stack.from && top <= stack.to) return { ...stack, name: 'the stack' }
    const object = this.places.objectAt(top - 1)
    return object && { from: object.address, to: object.address + object.size, name: object.name }
  }
}
