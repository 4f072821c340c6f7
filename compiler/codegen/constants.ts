/** Read-only data of a model: one binary file that an assembly file cuts into symbols. */
export interface Constant {
  readonly symbol: string
  readonly bytes: Uint8Array
}

/** Every constant starts at a multiple of this. */
const ALIGNMENT = 16

/**
 * Collects constants; equal bytes under one symbol. An assembler reads megabytes with .incbin at once,
 * where a C compiler would parse them number by number.
 */
export class Constants {
  private readonly all: Constant[] = []
  private readonly names = new Set<string>()

  /** Adds bytes under a symbol made of `name`; gives the symbol. */
  add(name: string, bytes: Uint8Array): string {
    let symbol = name
    for (let i = 2; this.names.has(symbol); i++) symbol = `${name}_${i}`
    this.names.add(symbol)
    this.all.push({ symbol, bytes })
    return symbol
  }

  get bytes(): number {
    return this.all.reduce((sum, { bytes }) => sum + Math.ceil(bytes.length / ALIGNMENT) * ALIGNMENT, 0)
  }

  /** The binary file. */
  binary(): Uint8Array {
    const file = new Uint8Array(this.bytes)
    let at = 0
    for (const { bytes } of this.all) {
      file.set(bytes, at)
      at += Math.ceil(bytes.length / ALIGNMENT) * ALIGNMENT
    }
    return file
  }

  /** The assembly file; `binaryName` is what the binary file is called. */
  assembly(binaryName: string): string {
    let at = 0
    const symbols = this.all.map(({ symbol, bytes }) => {
      const padded = Math.ceil(bytes.length / ALIGNMENT) * ALIGNMENT
      const lines = [
        `  .globl ${symbol}`,
        `  .type ${symbol}, @object`,
        `${symbol}:`,
        `  .incbin "${binaryName}", ${at}, ${padded}`,
        `  .size ${symbol}, ${bytes.length}`,
        '',
      ]
      at += padded
      return lines.join('\n')
    })
    return [
      `# Weights, parameters and tables of the model.`,
      '  .section .rodata.model, "a"',
      `  .balign ${ALIGNMENT}`,
      ...symbols,
    ].join('\n')
  }
}
