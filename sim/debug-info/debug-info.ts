import type { ElfImage, ElfSection } from '../elf/image.ts'
import type { DwarfSections } from './dwarf-form.ts'
import { type FunctionScope, readFunctions } from './dwarf-functions.ts'
import { readLinePrograms, type SourcePlace } from './dwarf-line.ts'
import { LineTable } from './line-table.ts'
import { NETWORK_SECTION, type NetworkMap, readNetworkMap } from './network-map.ts'

/** A function on the way to an address, and where in it. */
interface Frame {
  readonly function: string
  readonly place?: SourcePlace
}

/** What an ELF file says of the source that it was made from. */
export interface DebugInfo {
  /** The function whose code holds the address, by the ELF's symbols, or by DWARF where it has none. */
  functionAt(address: number): string | undefined
  /** Where the function begins that holds the address, by the ELF's symbols. */
  entryOf(address: number): number | undefined
  /** The source line, by the DWARF line table. */
  lineAt(address: number): SourcePlace | undefined
  /** The same, or the nearest line before it in the function: compilers give none where they have merged several. */
  lineNear(address: number): SourcePlace | undefined
  /** The functions inlined at the address, innermost first, and last the one that holds them; empty when nothing is known. */
  framesAt(address: number): readonly Frame[]
  /** `main+0x12 (main.c:7)`, as much of it as is known. */
  describe(address: number): string | undefined
  /** What the compiler says of the network in this firmware; undefined for other programs. */
  readonly network: NetworkMap | undefined
}

/** Everything is decoded when it is first asked for; debug data that makes no sense counts as absent. */
export function debugInfo(image: ElfImage): DebugInfo {
  return new ImageDebugInfo(image)
}

/** Header of a compressed section: kind, size, alignment (System V ABI, "Section Compression"). */
const COMPRESSION_HEADER_BYTES = 12
const COMPRESSION_ZLIB = 1

/** Instructions begin at multiples of so many bytes. */
const INSTRUCTION_STEP = 2

class ImageDebugInfo implements DebugInfo {
  private readonly image: ElfImage
  private decoded: { lines: LineTable; functions: readonly FunctionScope[] } | undefined
  private map: { readonly network: NetworkMap | undefined } | undefined

  constructor(image: ElfImage) {
    this.image = image
  }

  get network(): NetworkMap | undefined {
    const section = this.image.sections?.get(NETWORK_SECTION)
    this.map ??= { network: section && readNetworkMap(section.bytes, this.image.symbols) }
    return this.map.network
  }

  functionAt(address: number): string | undefined {
    return this.image.symbols.functionAt(address)?.name ?? this.scopeAt(address)?.name
  }

  entryOf(address: number): number | undefined {
    return this.image.symbols.functionAt(address)?.address
  }

  lineAt(address: number): SourcePlace | undefined {
    return this.dwarf.lines.at(address)
  }

  lineNear(address: number): SourcePlace | undefined {
    const entry = this.entryOf(address) ?? address
    for (let at = address; at >= entry; at -= INSTRUCTION_STEP) {
      const place = this.lineAt(at)
      if (place !== undefined) return place
    }
    return undefined
  }

  framesAt(address: number): readonly Frame[] {
    const outermost = this.scopeAt(address)
    const name = this.functionAt(address)
    if (name === undefined) return []
    const scopes: FunctionScope[] = []
    for (let scope = outermost; scope !== undefined; scope = scope.inlined.find((one) => holds(one, address)))
      scopes.unshift(scope)
    if (scopes.length === 0) return [frame(name, this.lineAt(address))]
    return scopes.map((scope, i) =>
      frame(scope === outermost ? name : scope.name, i === 0 ? this.lineAt(address) : scopes[i - 1]!.call),
    )
  }

  describe(address: number): string | undefined {
    const place = this.lineAt(address)
    const name = this.image.symbols.describe(address) ?? this.scopeAt(address)?.name
    if (place === undefined) return name
    const line = `${place.file}:${place.line}`
    return name === undefined ? line : `${name} (${line})`
  }

  private scopeAt(address: number): FunctionScope | undefined {
    const { functions } = this.dwarf
    let low = 0
    let high = functions.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (functions[middle]!.ranges[0]![0] <= address) low = middle + 1
      else high = middle
    }
    const near = functions[low - 1]
    // Functions in several pieces (hot and cold code) are rare enough to be looked for one by one.
    return near && holds(near, address) ? near : functions.find((one) => one.ranges.length > 1 && holds(one, address))
  }

  private get dwarf() {
    this.decoded ??= this.decode()
    return this.decoded
  }

  private decode() {
    const { segments } = this.image
    const isCode = (at: number) =>
      segments.some((one) => one.executable && at >= one.address && at < one.address + one.memorySize)
    const sections = this.sections()
    const programs = attempt(() => readLinePrograms(sections)) ?? new Map()
    const functions = attempt(() => readFunctions(sections, programs)) ?? []
    return {
      lines: new LineTable(programs.values(), isCode),
      functions: functions
        .filter(({ ranges }) => isCode(ranges[0]![0]))
        .sort((a, b) => a.ranges[0]![0] - b.ranges[0]![0]),
    }
  }

  private sections(): DwarfSections {
    const empty = new Uint8Array(0)
    const find = (name: string) => {
      const section = this.image.sections?.get(`.debug_${name}`)
      return section && attempt(() => contentsOf(section))
    }
    return {
      info: find('info') ?? empty,
      abbrev: find('abbrev') ?? empty,
      line: find('line') ?? empty,
      str: find('str'),
      lineStr: find('line_str'),
      strOffsets: find('str_offsets'),
      addr: find('addr'),
      ranges: find('ranges'),
      rnglists: find('rnglists'),
    }
  }
}

function frame(name: string, place: SourcePlace | undefined): Frame {
  return place === undefined ? { function: name } : { function: name, place }
}

function holds({ ranges }: FunctionScope, address: number): boolean {
  return ranges.some(([from, to]) => address >= from && address < to)
}

function contentsOf({ bytes, inflate }: ElfSection): Uint8Array | undefined {
  if (inflate === undefined) return bytes
  const kind = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true)
  return kind === COMPRESSION_ZLIB ? inflate(bytes.subarray(COMPRESSION_HEADER_BYTES)) : undefined
}

/** The result, or undefined when the data is damaged: debug data is a help, never a reason to fail. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}
