import type { LayerComparison } from '../trace/diff/layer-cycles.ts'
import { type Row, textTable } from './text-table.ts'

/** Layers that take another time in one trace than in the other, and the whole inference, as a table; empty when none does. */
export function formatLayerDifferences({ layers, total }: LayerComparison): string {
  if (layers.length === 0 && total.a === total.b) return ''
  const rows: Row[] = layers.map(({ index, op, name, a, b }) => [
    `${index} ${op}`,
    name,
    a ?? 'not whole',
    b ?? 'not whole',
    a === undefined || b === undefined ? '' : signed(b - a),
  ])
  const head = ['layer', 'output', '- cycles', '+ cycles', 'difference']
  return `\n${textTable([head, ...rows, ['last inference', '', total.a, total.b, signed(total.b - total.a)]])}`
}

const signed = (cycles: number) => `${cycles > 0 ? '+' : ''}${cycles.toLocaleString('en-US')}`
