import { tensorOf } from '../ir/graph.ts'
import { operatorMacs } from '../ops/index.ts'
import { type Layer, operatorNames, outputsOf } from '../target/partition.ts'
import type { Hardware } from '../target/target.ts'
import type { FieldValue } from './program.ts'
import type { Schedule } from './schedule.ts'
import type { Stream } from './stream.ts'

/** Rows of text as a table: columns as wide as their widest cell, the last one as it is. */
function table(rows: readonly (readonly (string | number)[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  const line = (row: readonly (string | number)[]) =>
    row.map((cell, column) =>
      typeof cell === 'number' ? String(cell).padStart(widths[column]!) : cell.padEnd(widths[column]!),
    )
  return rows.map((row) => `${line(row).join('  ').trimEnd()}\n`).join('')
}

/** Where every layer runs, and why not on the accelerator. */
export function printLayers(layers: readonly Layer[]): string {
  const rows = layers.map((layer) => [
    layer.index,
    operatorNames(layer),
    layer.on,
    layer.operators.reduce((sum, operator) => sum + operatorMacs(layer.graph, operator), 0),
    tensorOf(layer.graph, outputsOf(layer)[0]!).shape.join('x'),
    layer.on === 'cpu' ? (layer.reason ?? '') : '',
  ])
  return table([['layer', 'operator', 'runs on', 'MACs', 'output', 'why'], ...rows])
}

/** How every layer of the accelerator is cut, and when it is predicted to finish. */
export function printSchedule({ layers, residents }: Schedule): string {
  const rows = layers.map(({ layer, tiling, commands, finish }, i) => {
    const cut = layer.lowering.axes.filter(({ name, size }) => tiling.sizes[name]! < size)
    const order = tiling.order.filter((name) => cut.some((axis) => axis.name === name))
    const sizes = order.map((name) => `${name} by ${tiling.sizes[name]}`).join(', ')
    return [
      layer.index,
      operatorNames(layer),
      tiling.count,
      commands.length,
      finish - (layers[i - 1]?.finish ?? 0),
      sizes,
    ]
  })
  const header = ['layer', 'operator', 'tiles', 'commands', 'cycles', 'cut, outer loop first']
  const kept = [...residents.values()].map(({ name, memory, bytes }) => `  ${name}: ${bytes} bytes of ${memory}\n`)
  return `${table([header, ...rows])}Stay in a scratchpad between layers:\n${kept.join('')}`
}

function formatValue(value: FieldValue): string {
  if (typeof value === 'number') return String(value)
  return `${value.storage.name}${value.offset === 0 ? '' : `+${value.offset}`}`
}

/** The command stream, one line per command. */
export function printCommands({ commands }: Stream, { description }: Hardware): string {
  const units = (mask: number) => description.units.filter((_, unit) => (mask >> unit) & 1).join(',')
  const lines = commands.map(({ name, fields, wait, signal, layer, note }, index) => {
    const tokens = [wait === 0 ? '' : ` after ${units(wait)}`, signal === 0 ? '' : ` then ${units(signal)}`].join('')
    const values = Object.entries(fields).filter(([, value]) => value !== 0)
    const text = values.map(([field, value]) => `${field}=${formatValue(value)}`).join(' ')
    return `${String(index).padStart(5)}  layer ${layer}  ${name}${tokens}  ${text}  ; ${note}\n`
  })
  return lines.join('')
}
