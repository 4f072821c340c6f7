/** A named address of the program. */
export interface ProgramSymbol {
  readonly name: string
  readonly address: number
  readonly size: number
  readonly kind: 'function' | 'object' | 'label'
}

/** Looks up names by address and addresses by name. */
export class SymbolTable {
  readonly all: readonly ProgramSymbol[]
  private readonly byName: Map<string, ProgramSymbol>
  /** Functions and labels, ascending by address: what a pc can be in. */
  private readonly code: readonly ProgramSymbol[]
  /** Those of them that have a size. */
  private readonly functions: readonly ProgramSymbol[]

  constructor(symbols: readonly ProgramSymbol[]) {
    this.all = symbols
    this.byName = new Map(symbols.map((symbol) => [symbol.name, symbol]))
    this.code = symbols
      .filter((symbol) => symbol.kind !== 'object')
      .sort((a, b) => a.address - b.address || Number(b.kind === 'label') - Number(a.kind === 'label'))
    this.functions = this.code.filter(({ kind, size }) => kind === 'function' && size > 0)
  }

  /** The symbol called `name`, or undefined. */
  get(name: string): ProgramSymbol | undefined {
    return this.byName.get(name)
  }

  /** The function that `pc` lies in, or else the label before it; undefined outside of every one. */
  functionAt(pc: number): ProgramSymbol | undefined {
    const near = lastBefore(this.code, pc)
    if (near?.kind === 'function') return holds(near, pc) ? near : undefined
    // A label may stand inside of a function.
    const around = lastBefore(this.functions, pc)
    return around !== undefined && holds(around, pc) ? around : near
  }

  /** `main+0x12`, `main`, or undefined when no function is known there. */
  describe(pc: number): string | undefined {
    const symbol = this.functionAt(pc)
    if (symbol === undefined) return undefined
    const offset = pc - symbol.address
    return offset === 0 ? symbol.name : `${symbol.name}+0x${offset.toString(16)}`
  }
}

/** The last of ascending symbols that starts at `pc` or before. */
function lastBefore(symbols: readonly ProgramSymbol[], pc: number): ProgramSymbol | undefined {
  let low = 0
  let high = symbols.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (symbols[middle]!.address <= pc) low = middle + 1
    else high = middle
  }
  return symbols[low - 1]
}

function holds({ address, size }: ProgramSymbol, pc: number): boolean {
  return size === 0 || pc < address + size
}
