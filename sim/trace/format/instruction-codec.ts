/** Instructions of a chunk as bytes: how many came as predicted, then what one of them did otherwise, and so on. */
import { ACCESS_STORE, InstructionLog } from '../../probe/instruction-log.ts'
import type { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { ACCESS, RAW } from './code-table.ts'
import { confirm } from './confirm.ts'
import { PREDICT, Predictor, WRITE } from './predictor.ts'

/** What was not as predicted, in the order in which it stands behind these bits. */
const PC = 1
const CODE = 2
const GAP = 4
const DURATION = 8
const RESULT = 16
const ADDRESS = 32
const STORED = 64
const RARE = 128
/** Behind RARE. */
const PRIVILEGE = 1
const CONTROLS = 2
const REGISTERS = 4

/** Numbers of one kind stand together: so they compress better. */
const sectionNames = ['steps', 'code', 'times', 'values'] as const
type Sections<T> = Readonly<Record<(typeof sectionNames)[number], T>>

export class InstructionEncoder {
  /** Entries of the chunk so far. */
  count = 0
  /** Made with the first instruction: it takes a few megabytes. */
  private made: Predictor | undefined
  private readonly out: Sections<ByteWriter> = {
    steps: new ByteWriter(),
    code: new ByteWriter(),
    times: new ByteWriter(),
    values: new ByteWriter(),
  }
  /** Registers before the next entry, as the hart has them. */
  private readonly registers = new Int32Array(32)
  private asPredicted = 0
  private end = 0

  /** Bytes of the chunk so far. */
  get bytes(): number {
    const { steps, code, times, values } = this.out
    return steps.length + code.length + times.length + values.length
  }

  /** Begins a chunk at a cycle. */
  begin(at: number): void {
    this.made?.reset()
    this.count = 0
    this.asPredicted = 0
    this.end = at
    for (const name of sectionNames) this.out[name].clear()
  }

  /** Adds the entries from `first` up to `until`. */
  append(log: InstructionLog, first: number, until: number): void {
    // Control writes are in order of their entries; everything between two of them can be verified in one go.
    const special = log.controls.map(({ entry }) => entry).filter((entry) => entry >= first && entry < until)
    let e = first
    const changed = this.takeRegisters(log, first)
    if (log.began[e] !== this.end || changed.length > 0) this.differ(log, e++, changed)
    for (const stop of [...special, until]) {
      while (e < stop) {
        const reached = confirm(this.predictor, log, e, stop)
        this.asPredicted += reached - e
        e = reached
        this.end = log.began[e]!
        if (e < stop) this.differ(log, e++)
      }
      if (e === stop && e < until) this.differ(log, e++)
    }
    this.count += until - first
    this.end = log.began[until]!
  }

  /** Addresses of the chunk's code. */
  code(): Iterable<number> {
    return this.made?.code.addresses() ?? []
  }

  /** Ends the chunk. */
  finish(into: ByteWriter): void {
    into.unsigned(this.count)
    this.out.steps.unsigned(this.asPredicted)
    for (const name of sectionNames) {
      into.unsigned(this.out[name].length)
      into.append(this.out[name].bytes)
    }
  }

  private get predictor(): Predictor {
    this.made ??= new Predictor()
    return this.made
  }

  /** Gives the predictor the registers of the hart. @returns those that the chunk does not know to be so */
  private takeRegisters(log: InstructionLog, first: number): number[] {
    const { registers } = this
    const { x } = this.predictor
    registers.set(log.registers)
    for (let e = 0; e < first; e++) if (log.destination[e] !== 0) registers[log.destination[e]!] = log.result[e]!
    const changed: number[] = []
    for (let i = 1; i < 32; i++) if (x[i] !== registers[i]) changed.push(i)
    if (changed.length > 0) x.set(registers)
    if (this.count > 0) return changed
    for (const value of x.subarray(1)) this.out.code.signed(value)
    return []
  }

  /** Writes what is not as predicted of one entry. @param changed registers that are not as the entry before has left them */
  private differ(log: InstructionLog, e: number, changed: readonly number[] = []): void {
    const { predictor } = this
    const { steps, code, times, values } = this.out
    const pc = log.pc[e]!
    const access = log.access[e]!
    let place = predictor.code.find(pc)
    const known = place !== 0 && predictor.code.places[place + RAW] === (log.raw[e]! | 0)
    let flags = (pc | 0) === (predictor.next | 0) ? 0 : PC
    if (!known || predictor.code.places[place + ACCESS] !== access) flags |= CODE
    if ((flags & PC) !== 0) code.signed((pc - predictor.next) | 0)
    if ((flags & CODE) !== 0) {
      code.unsigned(log.raw[e]!)
      code.byte(access)
      place = predictor.code.define(pc, log.raw[e]!, access)
    }
    predictor.next = pc
    predictor.run(log, e, e + 1, PREDICT)
    flags |= this.differences(log, e, place)
    if (changed.length > 0) flags |= RARE
    steps.unsigned(this.asPredicted)
    steps.byte(flags)
    this.asPredicted = 0
    const cycles = log.began[e + 1]! - log.began[e]!
    if ((flags & GAP) !== 0) times.signed(log.began[e]! - this.end)
    if ((flags & DURATION) !== 0) times.unsigned(cycles)
    if ((flags & RESULT) !== 0) values.signed((log.result[e]! - predictor.result) | 0)
    if ((flags & ADDRESS) !== 0) values.signed((log.address[e]! - predictor.address) | 0)
    if ((flags & STORED) !== 0) values.signed((log.stored[e]! - predictor.stored) | 0)
    if ((flags & RARE) !== 0) this.rare(log, e, changed)
    predictor.code.places[predictor.duration] = cycles
    predictor.retire(place, log.result[e]!, access, log.address[e]!, log.stored[e]!)
    this.end = log.began[e + 1]!
  }

  private differences(log: InstructionLog, e: number, place: number): number {
    const { predictor } = this
    const access = log.access[e]!
    let flags = log.began[e] === this.end ? 0 : GAP
    if (predictor.code.places[predictor.duration] !== log.began[e + 1]! - log.began[e]!) flags |= DURATION
    if (predictor.destination(place) !== 0 && predictor.result !== log.result[e]) flags |= RESULT
    if (access !== 0 && predictor.address !== (log.address[e]! | 0)) flags |= ADDRESS
    if ((access & ACCESS_STORE) !== 0 && predictor.stored !== (log.stored[e]! | 0)) flags |= STORED
    const controls = log.controls.length > 0 && log.controls.some(({ entry }) => entry === e)
    return controls || log.privilege[e] !== predictor.privilege ? flags | RARE : flags
  }

  private rare(log: InstructionLog, e: number, registers: readonly number[]): void {
    const { predictor } = this
    const { code } = this.out
    const controls = log.controls.filter(({ entry }) => entry === e)
    const privilege = log.privilege[e]!
    const changed = privilege !== predictor.privilege
    const [some, others] = [controls.length > 0, registers.length > 0]
    code.byte((changed ? PRIVILEGE : 0) | (some ? CONTROLS : 0) | (others ? REGISTERS : 0))
    if (changed) code.byte(privilege)
    predictor.privilege = privilege
    if (some) code.unsigned(controls.length)
    for (const { csr, value } of controls) {
      code.unsigned(csr)
      code.unsigned(value >>> 0)
    }
    if (others) code.unsigned(registers.length)
    for (const register of registers) {
      code.byte(register)
      code.signed(predictor.x[register]!)
    }
  }
}

/** Reads the instructions of one chunk, up to any place, into a log. */
export class InstructionDecoder {
  /** Entries that are still to come. */
  left: number
  readonly log = new InstructionLog()
  private readonly predictor = new Predictor()
  private readonly in: Sections<ByteReader>
  private asPredicted = 0
  /** Flags of the next entry, when they were read already. */
  private pending: number | undefined

  /** @param section gives the chunk's next section */
  constructor(from: ByteReader, at: number, section: () => ByteReader) {
    this.left = from.unsigned()
    this.in = { steps: section(), code: section(), times: section(), values: section() }
    this.log.began[0] = at
    if (this.left === 0) return
    for (let register = 1; register < 32; register++) this.predictor.x[register] = this.in.code.signed()
    this.asPredicted = this.in.steps.unsigned()
  }

  /** Registers before the next instruction, as far as the trace knows. */
  get registers(): Int32Array {
    return this.predictor.x
  }

  /** Replaces the log's entries by up to `most` further ones. */
  read(most: number): void {
    const { log } = this
    log.began[0] = log.began[log.count]!
    log.clear()
    log.registers.set(this.predictor.x)
    log.count = Math.min(most, this.left, InstructionLog.CAPACITY)
    this.left -= log.count
    for (let e = 0; e < log.count; ) {
      const run = Math.min(this.asPredicted, log.count - e)
      this.asPredicted -= run
      if (this.predictor.run(log, e, e + run, WRITE) !== e + run) throw new RangeError('an instruction has no encoding')
      e += run
      if (e === log.count) return
      const flags = this.pending ?? this.in.steps.byte()
      if ((flags & (GAP | RARE)) !== 0 && e > 0) {
        // A log has no gaps, and registers that something else has set come before it: the entry is the first of the next one.
        this.pending = flags
        this.left += log.count - e
        log.count = e
        return
      }
      this.pending = undefined
      this.entry(flags, e++)
      this.asPredicted = this.in.steps.unsigned()
    }
  }

  private entry(flags: number, e: number): void {
    const { log, predictor } = this
    const { code, times, values } = this.in
    if ((flags & PC) !== 0) predictor.next = (predictor.next + code.signed()) >>> 0
    const pc = predictor.next >>> 0
    const place =
      (flags & CODE) === 0 ? predictor.code.find(pc) : predictor.code.define(pc, code.unsigned(), code.byte())
    if (place === 0) throw new RangeError('an instruction has no encoding')
    if ((flags & RARE) !== 0) this.rare(e)
    predictor.run(log, e, e + 1, PREDICT)
    if ((flags & GAP) !== 0) log.began[e] = log.began[e]! + times.signed()
    if ((flags & DURATION) !== 0) predictor.code.places[predictor.duration] = times.unsigned()
    log.began[e + 1] = log.began[e]! + predictor.code.places[predictor.duration]!
    const destination = predictor.destination(place)
    const result = (flags & RESULT) === 0 ? predictor.result : predictor.result + values.signed()
    log.pc[e] = pc
    log.raw[e] = predictor.code.places[place + RAW]!
    log.destination[e] = destination
    log.result[e] = destination === 0 ? 0 : result
    log.access[e] = predictor.code.places[place + ACCESS]!
    log.address[e] = predictor.address + ((flags & ADDRESS) === 0 ? 0 : values.signed())
    log.stored[e] = predictor.stored + ((flags & STORED) === 0 ? 0 : values.signed())
    log.privilege[e] = predictor.privilege
    predictor.retire(place, log.result[e]!, log.access[e]!, log.address[e]!, log.stored[e]!)
  }

  private rare(e: number): void {
    const { code } = this.in
    const flags = code.byte()
    if ((flags & PRIVILEGE) !== 0) this.predictor.privilege = code.byte()
    if ((flags & CONTROLS) !== 0) {
      for (let left = code.unsigned(); left > 0; left--) {
        this.log.controls.push({ entry: e, csr: code.unsigned(), value: code.unsigned() | 0 })
      }
    }
    if ((flags & REGISTERS) === 0) return
    for (let left = code.unsigned(); left > 0; left--) this.predictor.x[code.byte() & 31] = code.signed()
    this.log.registers.set(this.predictor.x)
  }
}
