/** What a test's ELF file holds. */
export interface ElfContents {
  readonly entry: number
  readonly segments: readonly { readonly address: number; readonly bytes: Uint8Array; readonly memorySize?: number }[]
  readonly symbols?: readonly {
    readonly name: string
    readonly address: number
    readonly size?: number
    readonly type?: number
  }[]
  readonly flags?: number
  readonly arch?: string
}

const HEADER = 52
const PROGRAM_HEADER = 32
const SECTION_HEADER = 40

/** Bytes of a 32-bit little-endian RISC-V executable, laid out as linkers do. */
export function makeElf({ entry, segments, symbols = [], flags = 0, arch }: ElfContents): Uint8Array {
  const body: number[] = []
  const place = (bytes: Iterable<number>) => {
    while (body.length % 4 !== 0) body.push(0)
    const offset = HEADER + segments.length * PROGRAM_HEADER + body.length
    body.push(...bytes)
    return offset
  }
  const programHeaders = segments.flatMap(({ address, bytes, memorySize = bytes.length }) => [
    ...[1, place(bytes), address, address, bytes.length, memorySize, 7, 4],
  ])
  const names = strings(symbols.map((symbol) => symbol.name))
  const symbolTable = [
    ...words(0, 0, 0, 0),
    ...symbols.flatMap(({ address, size = 4, type = 2 }, i) =>
      words(names.offsets[i]!, address, size, (1 << 16) | 0x10 | type),
    ),
  ]
  const attributes = arch === undefined ? [] : attributeSection(arch)
  const sectionNames = strings(['.symtab', '.strtab', '.shstrtab', '.riscv.attributes'])
  const name = (index: number) => sectionNames.offsets[index]!
  const sections = [
    words(...Array(10).fill(0)),
    words(name(0), 2, 0, 0, place(symbolTable), symbolTable.length, 2, 1, 4, 16),
    words(name(1), 3, 0, 0, place(names.bytes), names.bytes.length, 0, 0, 1, 0),
    words(name(2), 3, 0, 0, place(sectionNames.bytes), sectionNames.bytes.length, 0, 0, 1, 0),
    ...(arch === undefined
      ? []
      : [words(name(3), 0x7000_0003, 0, 0, place(attributes), attributes.length, 0, 0, 1, 0)]),
  ]
  const sectionsAt = place(sections.flat())
  const header = [
    ...[0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ...words(2 | (243 << 16), 1, entry, HEADER, sectionsAt, flags),
    ...words(HEADER | (PROGRAM_HEADER << 16), segments.length | (SECTION_HEADER << 16), sections.length | (3 << 16)),
  ]
  return Uint8Array.from([...header, ...words(...programHeaders), ...body])
}

function words(...values: number[]): number[] {
  return [...new Uint8Array(Uint32Array.from(values.map((value) => value >>> 0)).buffer)]
}

function strings(texts: readonly string[]) {
  const bytes = [0]
  const offsets = texts.map((text) => {
    const offset = bytes.length
    bytes.push(...new TextEncoder().encode(text), 0)
    return offset
  })
  return { bytes, offsets }
}

/** `.riscv.attributes` with stack alignment (tag 4) before the architecture string (tag 5). */
function attributeSection(arch: string): number[] {
  const text = (value: string) => [...new TextEncoder().encode(value), 0]
  const attributes = [4, 16, 5, ...text(arch)]
  const file = [1, ...words(attributes.length + 5), ...attributes]
  const vendor = text('riscv')
  return [0x41, ...words(4 + vendor.length + file.length), ...vendor, ...file]
}
