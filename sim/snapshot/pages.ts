import { zeroScan } from './zero-scan.ts'

const PAGE_BYTES = 4096
const PAGE_WORDS = PAGE_BYTES / 4

/** Content of a memory: the pages that are not all zero, by their number. */
export type Pages = { readonly [page: string]: Uint8Array }

const ZEROS = new Uint8Array(PAGE_BYTES)

/**
 * Saves and restores the bytes of a memory as pages. Snapshots in a row share the pages that did not change between
 * them, and restoring touches only pages that differ, so both are cheap for a large memory of which little is in use.
 */
export class PagedState {
  private readonly bytes: Uint8Array
  private readonly words: Int32Array
  private readonly host: WebAssembly.Memory | undefined
  private scan: ((from: number, end: number) => boolean) | undefined
  private latest: Pages = {}

  /**
   * @param bytes a multiple of four, at a multiple of four in their buffer
   * @param host the memory that they are the beginning of, for speed
   */
  constructor(bytes: Uint8Array, host?: WebAssembly.Memory) {
    this.bytes = bytes
    this.host = host
    this.words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
  }

  save(): Pages {
    const pages: Record<string, Uint8Array> = {}
    for (let page = 0; page * PAGE_BYTES < this.bytes.length; page++) {
      if (this.isZero(page)) continue
      const known = this.latest[page]
      const same = known !== undefined && this.holds(page, known)
      pages[page] = same ? known : this.bytes.slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
    }
    this.latest = pages
    return pages
  }

  /**
   * @param write copies bytes to an offset of the memory
   * @throws RangeError when a page does not fit the memory
   */
  restore(pages: Pages, write = (offset: number, from: Uint8Array): void => this.bytes.set(from, offset)): void {
    for (const [page, { length }] of Object.entries(pages)) {
      if (length !== this.lengthOf(Number(page))) throw new RangeError(`page ${page} does not fit`)
    }
    for (let page = 0; page * PAGE_BYTES < this.bytes.length; page++) {
      const wanted = pages[page]
      if (wanted === undefined ? this.isZero(page) : this.holds(page, wanted)) continue
      write(page * PAGE_BYTES, wanted ?? ZEROS.subarray(0, this.lengthOf(page)))
    }
    this.latest = pages
  }

  /** Bytes of a page: the last one may be shorter; NaN or less for one that is not there. */
  private lengthOf(page: number): number {
    return Math.min(PAGE_BYTES, this.bytes.length - page * PAGE_BYTES)
  }

  private isZero(page: number): boolean {
    const { words, host } = this
    const last = (page + 1) * PAGE_BYTES
    if (host !== undefined && last <= this.bytes.length) {
      this.scan ??= zeroScan(host)
      return this.scan(last - PAGE_BYTES, last)
    }
    const end = Math.min(words.length, (page + 1) * PAGE_WORDS)
    for (let i = page * PAGE_WORDS; i < end; i++) if (words[i] !== 0) return false
    return true
  }

  private holds(page: number, content: Uint8Array): boolean {
    const { words } = this
    const other = new Int32Array(content.buffer, content.byteOffset, content.length / 4)
    const begin = page * PAGE_WORDS
    for (let i = 0; i < other.length; i++) if (words[begin + i] !== other[i]) return false
    return true
  }
}
