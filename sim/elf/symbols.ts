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

  constructor(symbols: readonly ProgramSymbol[]) {
    this.all = symbols
    this.byName = new Map(symbols.map((symbol) => [symbol.name, symbol]))
    this.code = symbols
      .filter((symbol) => symbol.kind !== 'object')
      .sort((a, b) => a.address - b.address || Number(b.kind === 'label') - Number(a.kind === 'label'))
  }

  /** The symbol called `name`, or undefined. */
  get(name: string): ProgramSymbol | undefined {
    return this.byName.get(name)
  }

  /** The function or label that `pc` lies in, or undefined outside of every one. */
  functionAt(pc: number): ProgramSymbol | undefined {
    let low = 0
    let high = this.code.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.code[middle]!.address <= pc) low = middle + 1
      else high = middle
    }
    const symbol = this.code[low - 1]
    const outside = symbol === undefined || (symbol.size > 0 && pc >= symbol.address + symbol.size)
    return outside ? undefined : symbol
  }

  /** `main+0x12`, `main`, or undefined when no function is known there. */
  describe(pc: number): string | undefined {
    const symbol = this.functionAt(pc)
    if (symbol === undefined) return undefined
    const offset = pc - symbol.address
    return offset === 0 ? symbol.name : `${symbol.name}+0x${offset.toString(16)}`
  }
}
