import { type DebugInfo, debugInfo } from '../debug-info/debug-info.ts'
import type { SourcePlace } from '../debug-info/dwarf-line.ts'
import type { ElfImage } from '../elf/image.ts'
import { type AccessRecords, NEVER } from './access-records.ts'
import type { Finding, Side } from './finding.ts'
import type { NetworkCheck } from './network-check.ts'
import type { CommandInfo, HartSite } from './ring-order.ts'

/** Where functions come from that every firmware inlines. */
const RUNTIME_HEADERS = 'runtime-c/include/'
/** The runtime's memory functions. */
export const LIBRARY = 'runtime-c/libc/'

/** Names for what stands at an address. */
export class Places {
  private program: ElfImage | undefined
  private debug: DebugInfo | undefined
  /** What the program says of its network. */
  network: NetworkCheck | undefined
  private memoryFunctions: readonly { readonly address: number; readonly size: number }[] = []
  /** Objects with a size, ascending. */
  private objects: readonly { readonly name: string; readonly address: number; readonly size: number }[] = []

  load(program: ElfImage): void {
    this.program = program
    const debug = debugInfo(program)
    this.debug = debug
    this.memoryFunctions = program.symbols.all.filter(
      ({ kind, size, address }) => kind === 'function' && size > 0 && debug.lineNear(address)?.file.includes(LIBRARY),
    )
    this.objects = program.symbols.all
      .filter(({ kind, size }) => kind === 'object' && size > 0)
      .sort((a, b) => a.address - b.address)
  }

  /** Whether an instruction is of the runtime's memory functions: what they call one another for says nothing. */
  isLibrary(pc: number): boolean {
    return this.memoryFunctions.some(({ address, size }) => pc >= address && pc < address + size)
  }

  address(symbol: string): number | undefined {
    return this.program?.symbols.get(symbol)?.address
  }

  functionAt(pc: number): string | undefined {
    return this.debug?.functionAt(pc)
  }

  /** The variable that holds an address. */
  objectAt(address: number) {
    let low = 0
    let high = this.objects.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.objects[middle]!.address <= address) low = middle + 1
      else high = middle
    }
    const object = this.objects[low - 1]
    return object !== undefined && address < object.address + object.size ? object : undefined
  }

  /** `0x80001234 (input+16)` */
  addressText(address: number): string {
    const object = this.objectAt(address)
    if (object === undefined) return hex(address)
    const offset = address - object.address
    return `${hex(address)} (${object.name}${offset === 0 ? '' : `+${offset}`})`
  }

  /** ` since foo returned`, for a record of what means nothing; empty when there never was anything. */
  sinceText({ origin }: AccessRecords, record: number): string {
    if (record === NEVER) return ''
    return ` since ${this.functionAt(origin[record]!) ?? hex(origin[record]!)} returned`
  }

  /** An access of the hart as a side of a finding. */
  hart(what: string, { pc, caller, at }: HartSite): Side {
    const frames = this.debug?.framesAt(pc) ?? []
    // Of what is inlined from the runtime's headers, only the call says something about the firmware.
    const own =
      frames.find(({ place }) => place !== undefined && !place.file.includes(RUNTIME_HEADERS)) ?? frames.at(-1)
    const outermost = frames.at(-1)
    const name = own?.function ?? this.functionAt(pc)
    const place = own?.place ?? this.debug?.lineNear(pc)
    // Parts of the library's functions that are inlined into one another are one.
    const by =
      own === outermost || own?.place?.file.includes(LIBRARY) === true
        ? { function: caller === 0 ? undefined : this.functionAt(caller), place: this.debug?.lineNear(caller - 1) }
        : outermost
    const called =
      by?.function === undefined || by.function === name ? {} : { caller: by.function, callerPlace: by.place }
    return {
      what,
      pc,
      ...(name === undefined ? {} : { function: name }),
      ...(called.caller === undefined ? {} : { caller: called.caller }),
      ...(called.callerPlace === undefined ? {} : { callerPlace: lineOf(called.callerPlace) }),
      ...(place === undefined ? {} : { place: lineOf(place) }),
      at,
    }
  }

  /** A command as a side of a finding, with who queued it. */
  command(command: CommandInfo, touches?: string): Side {
    const { name, index, unit, doorbell, at } = command
    const about = this.network?.describe(command)
    const of = about === undefined ? '' : ` of ${about},`
    const what = `command ${index} (${name} in ${unit})${of}${touches === undefined ? '' : ` ${touches}`}`
    return { ...this.hart(what.replace(/,$/, ''), doorbell), at }
  }
}

const lineOf = ({ file, line }: SourcePlace) => ({ file, line })
const lineText = (place: SourcePlace | undefined) =>
  place === undefined ? '' : ` (${place.file.split('/').at(-1)}:${place.line})`

/** Where a side is: `memset (memory.c:111), called by main (main.c:12)`. */
function whereText({ function: name, caller, callerPlace, place, pc }: Side): string {
  const called = caller === undefined ? '' : `, called by ${caller}${lineText(callerPlace)}`
  const where = name ?? (pc === undefined ? undefined : hex(pc))
  return where === undefined ? '' : `${where}${lineText(place)}${called}`
}

/** A side with who did it: `command 3 (load in load) ..., queued by main (main.c:12)`. */
function sideText(side: Side): string {
  const where = whereText(side)
  if (where === '') return side.what
  return side.what.startsWith('command') ? `${side.what}, queued by ${where}` : `${side.what} in ${where}`
}

/** A finding as lines for a terminal. */
export function findingText({ kind, message, at, first, second, times }: Finding): string {
  const sides = [first, second].flatMap((side) =>
    side === undefined ? [] : [`    cycle ${side.at}: ${sideText(side)}\n`],
  )
  const again = times > 1 ? ` (${times} times)` : ''
  return `sanitizer: ${kind} at cycle ${at}${again}: ${message}\n${sides.join('')}`
}

export function hex(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, '0')}`
}
