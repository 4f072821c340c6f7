import type { AcceleratorDescription, FieldSpec } from '../../sim/accel/description.ts'
import { upperSnake } from '../../sim/accel/ring-registers.ts'
import { tensorOf } from '../ir/graph.ts'
import type { Location } from '../schedule/program.ts'
import type { Stream, StreamCommand } from '../schedule/stream.ts'
import { type Layer, operatorNames, outputsOf } from '../target/partition.ts'
import { commentText, initialiser, shortName, snakeCase } from './c-values.ts'

/**
 * The command stream as constant data: the array is itself the ring. Places in RAM become address
 * constants that the linker fills in. Structs and names are those of the header that derives from the
 * accelerator's description.
 */
export function commandTable(
  symbol: string,
  { commands }: Stream,
  layers: readonly Layer[],
  description: AcceleratorDescription,
  addressOf: (at: Location, layer: number) => string,
): string {
  const used = Object.keys(description.commands).filter((name) => commands.some((command) => command.name === name))
  const lines = commands.flatMap((command, i) => [
    ...(command.layer === commands[i - 1]?.layer ? [] : ['', `  /* ${describe(layers[command.layer]!)} */`]),
    `  ${commandLine(command, description, addressOf)}, /* ${commentText(command.note)} */`,
  ])
  return [
    'union command {',
    ...used.map((name) => `  struct accelerator_${snakeCase(name)} ${snakeCase(name)};`),
    '};',
    '',
    `static const union command ${symbol}[${commands.length}] __attribute__((aligned(64))) = {`,
    ...lines,
    '};',
  ].join('\n')
}

function commandLine(
  { name, fields, wait, signal, layer }: StreamCommand,
  { commands, units }: AcceleratorDescription,
  addressOf: (at: Location, layer: number) => string,
): string {
  const tokens = (mask: number) =>
    units.flatMap((unit, bit) => ((mask >> bit) & 1 ? [`ACCELERATOR_UNIT_${upperSnake(unit)}`] : [])).join(' | ')
  const members: Record<string, string | number> = { opcode: `ACCELERATOR_OPCODE_${upperSnake(name)}` }
  if (wait !== 0) members.wait = tokens(wait)
  if (signal !== 0) members.signal = tokens(signal)
  for (const [field, value] of Object.entries(fields)) {
    if (value === 0) continue
    members[field] =
      typeof value === 'number' ? number(name, field, commands[name]!.fields[field]!, value) : addressOf(value, layer)
  }
  return `{.${snakeCase(name)} = ${initialiser(members)}}`
}

/** A number, or its name when it is a value of an enumeration. */
function number(command: string, field: string, { values = {}, flags }: FieldSpec, value: number): number | string {
  const [known] = Object.entries(values).find(([, one]) => one === value) ?? []
  return known === undefined || flags ? value : ['ACCELERATOR', command, field, known].map(upperSnake).join('_')
}

function describe(layer: Layer): string {
  const output = tensorOf(layer.graph, outputsOf(layer)[0]!)
  const name = commentText(operatorNames(layer))
  return `layer ${layer.index}: ${name} -> ${shortName(output.name)} [${output.shape.join(', ')}]`
}
