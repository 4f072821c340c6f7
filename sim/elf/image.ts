import type { SymbolTable } from './symbols.ts'

/** One loadable piece of a program. */
export interface ElfSegment {
  /** Physical (load) address. */
  readonly address: number
  /** Bytes from the file; the rest up to `memorySize` is zero. */
  readonly bytes: Uint8Array
  readonly memorySize: number
  /** How many of the first bytes are headers of the file, which programs hardly ever read; none when absent. */
  readonly headerBytes?: number
  readonly executable: boolean
  readonly writable: boolean
}

/** A section that is not part of the program's memory: debug data, notes. */
export interface ElfSection {
  readonly bytes: Uint8Array
  /** Of compressed contents (System V ABI, "Section Compression"): decompresses what stands behind their header, by zlib. */
  readonly inflate?: (compressed: Uint8Array) => Uint8Array
}

/** A checked 32-bit little-endian RISC-V executable, ready to load. */
export interface ElfImage {
  /** File name, for messages. */
  readonly name: string
  readonly entry: number
  readonly segments: readonly ElfSegment[]
  readonly symbols: SymbolTable
  /** `e_flags` of the header. */
  readonly flags: number
  /** Architecture string of `.riscv.attributes`, e.g. `rv32i2p1_m2p0`, when the file has one. */
  readonly arch: string | undefined
  /** Sections that are not loaded, by name; absent in images that come from no ELF file. */
  readonly sections?: ReadonlyMap<string, ElfSection>
}
