import type { ElfImage } from '../elf/image.ts'
import { ACCESS_BYTES, ACCESS_LOAD, ACCESS_STORE } from '../probe/instruction-log.ts'

/** Data traffic of the hart with one part of the address space. */
export interface RegionTraffic {
  readonly region: string
  readonly loads: number
  readonly stores: number
  readonly loadedBytes: number
  readonly storedBytes: number
}

interface Range {
  readonly from: number
  readonly to: number
  readonly name: string
}

/** Counts loads and stores by what lies where they go: a part of the program, or a block of the SoC. */
export class MemoryTraffic {
  private readonly ranges: readonly Range[]
  private readonly counts = new Map<
    string,
    { loads: number; stores: number; loadedBytes: number; storedBytes: number }
  >()
  private last: Range = { from: 0, to: 0, name: '' }
  private lastCounts = newCounts()

  /**
   * @param image the program, for its own parts
   * @param blocks where blocks answer on the bus
   */
  constructor(image: ElfImage | undefined, blocks: readonly { name: string; base: number; size: number }[]) {
    const around = blocks.map(({ name, base, size }) => ({ from: base, to: base + size, name }))
    this.ranges = [...(image === undefined ? [] : programRanges(image)), ...around]
  }

  /** @param access as in the instruction log */
  count(address: number, access: number): void {
    if (address < this.last.from || address >= this.last.to) this.turnTo(address)
    const bytes = access & ACCESS_BYTES
    if ((access & ACCESS_LOAD) !== 0) {
      this.lastCounts.loads++
      this.lastCounts.loadedBytes += bytes
    }
    if ((access & ACCESS_STORE) !== 0) {
      this.lastCounts.stores++
      this.lastCounts.storedBytes += bytes
    }
  }

  /** Parts that were accessed, most bytes first. */
  traffic(): RegionTraffic[] {
    return [...this.counts]
      .filter(([, { loads, stores }]) => loads + stores > 0)
      .map(([region, counts]) => ({ region, ...counts }))
      .sort((a, b) => b.loadedBytes + b.storedBytes - a.loadedBytes - a.storedBytes)
  }

  private turnTo(address: number): void {
    const nothing = { from: address, to: address + 1, name: 'elsewhere' }
    const found = this.ranges.find(({ from, to }) => address >= from && address < to) ?? nothing
    // Ranges before it may cut pieces out of it.
    const cuts = this.ranges.slice(0, Math.max(0, this.ranges.indexOf(found)))
    const from = Math.max(found.from, ...cuts.filter(({ to }) => to <= address).map(({ to }) => to))
    const to = Math.min(found.to, ...cuts.filter((cut) => cut.from > address).map((cut) => cut.from))
    this.last = { from, to, name: found.name }
    this.lastCounts = this.counts.get(found.name) ?? newCounts()
    this.counts.set(found.name, this.lastCounts)
  }
}

const newCounts = () => ({ loads: 0, stores: 0, loadedBytes: 0, storedBytes: 0 })

/** What the program's symbols and segments say: earlier ranges stand before later ones. */
function programRanges({ symbols, segments }: ElfImage): Range[] {
  const between = (name: string, from: number | undefined, to: number | undefined): Range[] =>
    from === undefined || to === undefined || to <= from ? [] : [{ from, to, name }]
  const address = (symbol: string) => symbols.get(symbol)?.address
  const arena = symbols.get('model_arena')
  return [
    ...between('stack', address('__stack_bottom'), address('__stack_top')),
    ...between('arena', arena?.address, arena && arena.address + arena.size),
    ...segments.flatMap((one) => {
      const loaded = one.address + one.bytes.length
      const name = one.executable ? 'code' : one.writable ? 'data' : 'rodata'
      return [...between(name, one.address, loaded), ...between('bss', loaded, one.address + one.memorySize)]
    }),
    ...between('heap', address('__heap_start'), address('__heap_end')),
  ]
}
