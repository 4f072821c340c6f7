import { type DebugInfo, debugInfo } from '../debug-info/debug-info.ts'
import type { ElfImage } from '../elf/image.ts'
import type { Finding, Side } from './finding.ts'
import type { CommandInfo, HartSite } from './ring-order.ts'

/** Names for what stands at an address. */
export class Places {
  private program: ElfImage | undefined
  private debug: DebugInfo | undefined
  /** Objects with a size, ascending. */
  private objects: readonly { readonly name: string; readonly address: number; readonly size: number }[] = []

  load(program: ElfImage): void {
    this.program = program
    this.debug = debugInfo(program)
    this.objects = program.symbols.all
      .filter(({ kind, size }) => kind === 'object' && size > 0)
      .sort((a, b) => a.address - b.address)
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

  /** An access of the hart as a side of a finding. */
  hart(what: string, { pc, caller, at }: HartSite): Side {
    const name = this.functionAt(pc)
    // Of inlined functions the outermost one is the firmware's own; its line is that of the call.
    const place = this.debug?.framesAt(pc).at(-1)?.place ?? this.debug?.lineAt(pc)
    const by = caller === 0 ? undefined : this.functionAt(caller)
    return {
      what,
      pc,
      ...(name === undefined ? {} : { function: name }),
      ...(by === undefined || by === name ? {} : { caller: by }),
      ...(place === undefined ? {} : { place: { file: place.file, line: place.line } }),
      at,
    }
  }

  /** A command as a side of a finding, with who queued it. */
  command({ name, index, unit, doorbell, at }: CommandInfo, touches?: string): Side {
    const what = `command ${index} (${name} in ${unit})${touches === undefined ? '' : ` ${touches}`}`
    return { ...this.hart(what, doorbell), at }
  }
}

/** Where a side is: ` in main at main.c:12`. */
function whereText({ function: name, caller, place, pc }: Side): string {
  const called = caller === undefined ? '' : `, called by ${caller},`
  const where = name ?? (pc === undefined ? undefined : hex(pc))
  const line = place === undefined ? '' : ` (${place.file.split('/').at(-1)}:${place.line})`
  return where === undefined ? '' : `${where}${called}${line}`
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
