const PAGE_BYTES = 4096

/** Content of a memory: the pages that are not all zero, by their number. */
export type Pages = { readonly [page: string]: Uint8Array }

const ZEROS = new Uint8Array(PAGE_BYTES)

/**
 * Saves and restores the bytes of a memory as pages. Snapshots in a row share the pages that did not change between
 * them, and restoring touches only pages that differ, so both are cheap for a large memory of which little is in use.
 */
export class PagedState {
  private readonly bytes: Uint8Array
  private latest: Pages = {}

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  save(): Pages {
    const pages: Record<string, Uint8Array> = {}
    for (let page = 0; page * PAGE_BYTES < this.bytes.length; page++) {
      const content = this.page(page)
      const known = this.latest[page]
      if (known !== undefined && equal(content, known)) pages[page] = known
      else if (!equal(content, ZEROS)) pages[page] = content.slice()
    }
    this.latest = pages
    return pages
  }

  /**
   * @param write copies bytes to an offset of the memory
   * @throws RangeError when a page does not fit the memory
   */
  restore(pages: Pages, write = (offset: number, from: Uint8Array): void => this.bytes.set(from, offset)): void {
    this.check(pages)
    for (let page = 0; page * PAGE_BYTES < this.bytes.length; page++) {
      const content = this.page(page)
      const wanted = pages[page] ?? ZEROS
      if (!equal(content, wanted)) write(page * PAGE_BYTES, wanted.subarray(0, content.length))
    }
    this.latest = pages
  }

  private check(pages: Pages): void {
    for (const [page, { length }] of Object.entries(pages)) {
      if (length === 0 || this.page(Number(page)).length !== length) throw new RangeError(`page ${page} does not fit`)
    }
  }

  private page(page: number): Uint8Array {
    return this.bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
  }
}

/** Whether `b` begins with `a`; both begin at a multiple of four bytes of their buffer. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  const words = a.length >>> 2
  const x = new Int32Array(a.buffer, a.byteOffset, words)
  const y = new Int32Array(b.buffer, b.byteOffset, words)
  for (let i = 0; i < words; i++) if (x[i] !== y[i]) return false
  for (let i = words * 4; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
