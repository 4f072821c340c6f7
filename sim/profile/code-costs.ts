import type { PlacedInstruction } from '../cpu/timing/timing-model.ts'
import type { CostSplit } from './cause.ts'

const PAGE_BITS = 12
/** Instructions start at even addresses. */
const PAGE_SLOTS = 1 << (PAGE_BITS - 1)

/** What one instruction in one place has cost so far. */
export interface PlaceCost {
  readonly pc: number
  readonly raw: number
  readonly split: CostSplit
  readonly executed: number
  /** Cycles beyond the fixed ones, and of these: waiting for DMA. */
  readonly more: number
  readonly contention: number
}

/** Costs of the instructions of 4 KiB of code, by half-word. */
export interface CostPage {
  readonly raw: Int32Array
  readonly executed: Float64Array
  readonly more: Float64Array
  readonly contention: Float64Array
  readonly splits: (CostSplit | undefined)[]
}

/** Adds up costs by place. When other code comes to a place, what was there is kept apart. */
export class CodeCosts {
  private readonly pages = new Map<number, CostPage>()
  private readonly replaced: PlaceCost[] = []
  private readonly splitAt: (pc: number) => CostSplit
  private lastPage = -1
  private last: CostPage | undefined

  /** @param splitAt the cost of the instruction at an address, asked when it runs first */
  constructor(splitAt: (pc: number) => CostSplit) {
    this.splitAt = splitAt
  }

  static slotOf(pc: number): number {
    return (pc >>> 1) & (PAGE_SLOTS - 1)
  }

  /** The page of an address, whose slot for it is that of this instruction. */
  pageOf(pc: number, raw: number): CostPage {
    const number = pc >>> PAGE_BITS
    if (number !== this.lastPage) {
      this.last = this.pages.get(number) ?? newPage()
      this.pages.set(number, this.last)
      this.lastPage = number
    }
    const page = this.last!
    const slot = CodeCosts.slotOf(pc)
    if (page.splits[slot] === undefined || page.raw[slot] !== (raw | 0)) this.turn(page, slot, pc, raw)
    return page
  }

  *all(): Generator<PlaceCost> {
    yield* this.replaced
    for (const [number, page] of this.pages) {
      for (let slot = 0; slot < PAGE_SLOTS; slot++) {
        if (page.splits[slot] !== undefined) yield costAt(page, slot, ((number << PAGE_BITS) | (slot << 1)) >>> 0)
      }
    }
  }

  private turn(page: CostPage, slot: number, pc: number, raw: number): void {
    if (page.splits[slot] !== undefined) this.replaced.push(costAt(page, slot, pc))
    page.splits[slot] = this.splitAt(pc)
    page.raw[slot] = raw
    page.executed[slot] = 0
    page.more[slot] = 0
    page.contention[slot] = 0
  }
}

function costAt({ raw, executed, more, contention, splits }: CostPage, slot: number, pc: number): PlaceCost {
  return {
    pc,
    raw: raw[slot]!,
    split: splits[slot]!,
    executed: executed[slot]!,
    more: more[slot]!,
    contention: contention[slot]!,
  }
}

function newPage(): CostPage {
  return {
    raw: new Int32Array(PAGE_SLOTS),
    executed: new Float64Array(PAGE_SLOTS),
    more: new Float64Array(PAGE_SLOTS),
    contention: new Float64Array(PAGE_SLOTS),
    splits: new Array(PAGE_SLOTS),
  }
}

/** Cost of what cannot be decoded any more: a cycle. */
export const unknownCost: CostSplit = { cycles: 1, execute: 1, hazard: 0, branch: 0, cause: 'execute', split: 0 }

export type PlaceAt = (pc: number) => PlacedInstruction | undefined
