import { upperSnake } from '../../sim/accel/ring-registers.ts'
import { tensorOf } from '../ir/graph.ts'
import type { Location } from '../schedule/program.ts'
import type { Stream } from '../schedule/stream.ts'
import { type Layer, outputsOf } from '../target/partition.ts'
import { commentText, initialiser, shortName, snakeCase } from './c-values.ts'

/**
 * The command stream as constant data: the array is itself the ring. Places in RAM become address
 * constants that the linker fills in.
 */
export function commandTable(stream: Stream, layers: readonly Layer[], addressOf: (at: Location) => string): string {
  const lines: string[] = []
  let layer = -1
  for (const { name, fields, wait, signal, layer: index, note } of stream.commands) {
    if (index !== layer) lines.push('', `  /* ${describe(layers[index]!)} */`)
    layer = index
    const given = Object.entries(fields).filter(([, value]) => value !== 0)
    const members = given.map(
      ([field, value]) => [field, typeof value === 'number' ? value : addressOf(value)] as const,
    )
    const header = { opcode: `COMMAND_${upperSnake(name)}`, ...(wait && { wait }), ...(signal && { signal }) }
    const text = initialiser({ ...header, ...Object.fromEntries(members) })
    lines.push(`  {.${snakeCase(name)} = ${text}}, /* ${commentText(note)} */`)
  }
  return [
    `static const union command commands[${stream.commands.length}] __attribute__((aligned(64))) = {`,
    ...lines,
    '};',
  ].join('\n')
}

function describe(layer: Layer): string {
  const operators = layer.operators.map(({ origin }) => origin.op).join('+')
  const output = tensorOf(layer.graph, outputsOf(layer)[0]!)
  return `layer ${layer.index}: ${commentText(operators)} -> ${shortName(output.name)} [${output.shape.join(', ')}]`
}
