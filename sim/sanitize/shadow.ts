import { type AccessRecords, HART_LOAD, HART_STORE } from './access-records.ts'

const PAGE_SHIFT = 12
const PAGE_BYTES = 1 << PAGE_SHIFT
const PAGE_MASK = PAGE_BYTES - 1

interface Page {
  /** Record of the last write of every byte. */
  readonly writers: Int32Array
  /** By actor: record of its last read of every byte. */
  readonly readers: (Int32Array | undefined)[]
  /** Whether anybody but the hart has read here. */
  shared: boolean
}

/** An access that is compared with what shadow memory knows. */
export interface ShadowAccess {
  readonly record: number
  readonly actor: number
  /** What it is ordered after, by actor. */
  readonly clock: Int32Array
}

/** Told of records that are not ordered before an access, and of reads of what means nothing. */
export interface ShadowJudge {
  /** `earlier` wrote or read the byte at `address` and nothing orders the access after it. */
  conflict(earlier: number, address: number, earlierWrote: boolean): void
  unwritten(address: number): void
  /** Every writer that a read meets, ordered or not. */
  from?: ((writer: number, address: number) => void) | undefined
}

/** For every byte of a memory who wrote it last and who has read it since. Pages appear when they are touched. */
export class Shadow {
  readonly name: string
  readonly base: number
  readonly size: number
  private readonly records: AccessRecords
  private readonly pages: (Page | undefined)[]

  constructor(name: string, base: number, size: number, records: AccessRecords) {
    this.name = name
    this.base = base
    this.size = size
    this.records = records
    this.pages = new Array(Math.ceil(size / PAGE_BYTES))
  }

  contains(address: number): boolean {
    return address >= this.base && address < this.base + this.size
  }

  /** Record of who wrote a byte. */
  writerOf(address: number): number {
    const offset = address - this.base
    return this.pages[offset >>> PAGE_SHIFT]?.writers[offset & PAGE_MASK] ?? 0
  }

  /** Sets the writer of a range without looking at what was there. */
  mark(address: number, bytes: number, record: number): void {
    this.eachPage(address, bytes, (page, from, to) => page.writers.fill(record, from, to))
  }

  /**
   * A load of the hart that is plainly right, as almost all are: every byte has the same writer, who comes before.
   * False when `read` has to look, and nothing was done.
   */
  plainLoad(address: number, bytes: number, record: number, known: Int32Array): boolean {
    const offset = address - this.base
    const page = this.pages[offset >>> PAGE_SHIFT]
    const from = offset & PAGE_MASK
    if (page === undefined || from + bytes > PAGE_BYTES) return false
    const { writers } = page
    const writer = writers[from]!
    for (let i = 1; i < bytes; i++) if (writers[from + i] !== writer) return false
    if (this.records.garbage[writer] === 1 || !this.isBefore(writer, known)) return false
    const readers = page.readers[HART_LOAD] ?? readersOf(page, HART_LOAD)
    for (let i = 0; i < bytes; i++) readers[from + i] = record
    return true
  }

  /** A store of the hart where only the hart has read, over what comes before it; as `plainLoad`. */
  plainStore(address: number, bytes: number, record: number, known: Int32Array): boolean {
    const offset = address - this.base
    const page = this.pages[offset >>> PAGE_SHIFT]
    const from = offset & PAGE_MASK
    if (page === undefined || page.shared || from + bytes > PAGE_BYTES) return false
    const { writers } = page
    for (let i = 0; i < bytes; i++) if (!this.isBefore(writers[from + i]!, known)) return false
    for (let i = 0; i < bytes; i++) writers[from + i] = record
    return true
  }

  private isBefore(writer: number, known: Int32Array): boolean {
    const { actor, clock } = this.records
    return actor[writer] === HART_STORE || known[actor[writer]!]! >= clock[writer]!
  }

  /** Compares a read with the writes before it and remembers it. */
  read(address: number, bytes: number, access: ShadowAccess, judge: ShadowJudge): void {
    this.eachPage(address, bytes, (page, from, to, base) => {
      this.scan(page.writers, from, to, base, access, judge, true)
      readersOf(page, access.actor).fill(access.record, from, to)
    })
  }

  /** Compares a write with the accesses before it and remembers it. */
  write(address: number, bytes: number, access: ShadowAccess, judge: ShadowJudge): void {
    this.eachPage(address, bytes, (page, from, to, base) => {
      this.scan(page.writers, from, to, base, access, judge, false)
      for (const [actor, readers] of page.readers.entries()) {
        if (readers !== undefined && actor !== access.actor) this.scanReaders(readers, from, to, base, access, judge)
      }
      page.writers.fill(access.record, from, to)
    })
  }

  private scan(
    writers: Int32Array,
    from: number,
    to: number,
    base: number,
    { actor, clock }: ShadowAccess,
    judge: ShadowJudge,
    reading: boolean,
  ): void {
    const { records } = this
    let before = -1
    for (let i = from; i < to; i++) {
      const writer = writers[i]!
      if (writer === before) continue
      before = writer
      const by = records.actor[writer]!
      const ordered = by === actor || clock[by]! >= records.clock[writer]!
      if (reading) {
        if (ordered && records.garbage[writer] === 1) judge.unwritten(base + i)
        judge.from?.(writer, base + i)
      }
      if (!ordered) judge.conflict(writer, base + i, true)
    }
  }

  private scanReaders(
    readers: Int32Array,
    from: number,
    to: number,
    base: number,
    { clock }: ShadowAccess,
    judge: ShadowJudge,
  ): void {
    const { records } = this
    let before = -1
    for (let i = from; i < to; i++) {
      const reader = readers[i]!
      if (reader === before) continue
      before = reader
      if (clock[records.actor[reader]!]! < records.clock[reader]!) judge.conflict(reader, base + i, false)
    }
  }

  /** Calls `visit` with the offsets `from`..`to` in each page of a range, and the address of the page's first byte. */
  private eachPage(
    address: number,
    bytes: number,
    visit: (page: Page, from: number, to: number, base: number) => void,
  ): void {
    const end = Math.min(address - this.base + bytes, this.size)
    for (let at = address - this.base; at < end; ) {
      const index = at >>> PAGE_SHIFT
      const first = index << PAGE_SHIFT
      const stop = Math.min(end, first + PAGE_BYTES)
      visit(this.page(index), at - first, stop - first, this.base + first)
      at = stop
    }
  }

  private page(index: number): Page {
    const known = this.pages[index]
    if (known !== undefined) return known
    const page: Page = { writers: new Int32Array(PAGE_BYTES), readers: [], shared: false }
    this.pages[index] = page
    return page
  }
}

function readersOf(page: Page, actor: number): Int32Array {
  const known = page.readers[actor]
  if (known !== undefined) return known
  const readers = new Int32Array(PAGE_BYTES)
  page.readers[actor] = readers
  if (actor > HART_LOAD) page.shared = true
  return readers
}
