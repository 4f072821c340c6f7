import { hex } from '../hex.ts'
import type { SocDescription } from './description.ts'

/** One range of addresses. */
export interface MappedRange {
  readonly name: string
  readonly kind: string
  readonly base: number
  /** Bytes. */
  readonly size: number
  /** Source at the PLIC. */
  readonly irq?: number
  readonly doc: string
}

/** Every range that answers on the bus, by ascending address. */
export function memoryMap(soc: SocDescription): MappedRange[] {
  const ranges = soc.blocks.flatMap((block): MappedRange[] => {
    const { name, kind, base, size, doc } = block
    const own = { name, kind, base, size, doc, ...('irq' in block ? { irq: block.irq } : {}) }
    if (block.kind !== 'accelerator') return [own]
    return [own, { name: `${name} window`, kind, ...block.window, doc: `Scratchpads of the ${doc}` }]
  })
  return ranges.sort((a, b) => a.base - b.base)
}

/** The memory map as a table for people. */
export function memoryMapText(soc: SocDescription): string {
  const rows = memoryMap(soc).map(({ name, base, size, irq, doc }) => [
    `${hex(base)} - ${hex(base + size - 1)}`,
    bytesText(size),
    irq === undefined ? '' : `irq ${irq}`,
    name,
    doc,
  ])
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  const { name, clockHz, timebaseHz, hart } = soc
  return `${name}: ${hart.isa}, timing ${hart.cpu}, clock ${clockHz} Hz, mtime ${timebaseHz} Hz\n${lines.join('\n')}\n`
}

function bytesText(size: number): string {
  if (size % 2 ** 20 === 0) return `${size / 2 ** 20} MiB`
  return size % 2 ** 10 === 0 ? `${size / 2 ** 10} KiB` : `${size} B`
}
