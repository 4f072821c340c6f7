const PAGE_BITS = 12
/** Instructions start at even addresses. */
const PAGE_SLOTS = 1 << (PAGE_BITS - 1)

/** Numbers functions, and tells quickly which one an address is in. */
export class CodeFunctions {
  /** Names by number; 0 stands for code that no function is known of. */
  readonly names: string[] = ['?']
  private readonly numbers = new Map<string, number>()
  private readonly pages = new Map<number, Int32Array<ArrayBuffer>>()
  private readonly nameAt: (address: number) => string | undefined
  private lastPage = -1
  private last = new Int32Array(0)

  /** @param nameAt the function at an address, asked once for each; as `DebugInfo.functionAt` */
  constructor(nameAt: (address: number) => string | undefined) {
    this.nameAt = nameAt
  }

  at(address: number): number {
    const page = address >>> PAGE_BITS
    if (page !== this.lastPage) this.turnTo(page)
    const slot = (address >>> 1) & (PAGE_SLOTS - 1)
    const known = this.last[slot]!
    return known >= 0 ? known : (this.last[slot] = this.number(this.nameAt(address)))
  }

  private turnTo(page: number): void {
    const known = this.pages.get(page) ?? new Int32Array(PAGE_SLOTS).fill(-1)
    this.pages.set(page, known)
    this.lastPage = page
    this.last = known
  }

  private number(name: string | undefined): number {
    if (name === undefined) return 0
    const known = this.numbers.get(name) ?? this.names.length
    if (known === this.names.length) this.names.push(name)
    this.numbers.set(name, known)
    return known
  }
}
