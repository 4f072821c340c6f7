import type { AcceleratorDescription, MemorySpec, ParameterValues, Region } from './description.ts'
import { type CommandFormat, type DecodedCommand, layoutOf } from './layout.ts'
import type { IssuedCommand } from './listener.ts'
import type { ErrorKind } from './ring-registers.ts'

/** Why a command may not run. */
export interface CommandProblem {
  readonly kind: ErrorKind
  readonly field?: string
  readonly message: string
}

/** What the front end looks up to judge a command. */
export interface CommandRules {
  readonly description: AcceleratorDescription
  readonly parameters: ParameterValues
  readonly format: CommandFormat
  readonly memories: Readonly<Record<string, MemorySpec>>
}

/** An issued command as data: the rest follows from its description. */
export type SavedCommand = {
  readonly name: string
  readonly fields: Readonly<Record<string, number>>
  readonly index: number
  readonly address: number
}

export function saveCommand({ name, fields, index, address }: IssuedCommand): SavedCommand {
  return { name, fields, index, address }
}

/** The command that was saved, checked again. @throws RangeError when it is none that could have been issued */
export function reissue(rules: CommandRules, { name, fields, index, address }: SavedCommand): IssuedCommand {
  const bytes = new Uint8Array(rules.format.bytes)
  rules.format.encode(name, fields, bytes)
  const issued = checkCommand(rules, bytes, { index, address })
  if ('spec' in issued) return issued
  throw new RangeError(issued.message)
}

const hex = (value: number) => `0x${value.toString(16)}`

/**
 * Decodes the command in `bytes` and checks everything that its effect relies on: opcode, reserved
 * bits, tokens, enumerations, the command's own rules, and the bounds of all it touches.
 */
export function checkCommand(
  rules: CommandRules,
  bytes: Uint8Array,
  place: { readonly index: number; readonly address: number },
): IssuedCommand | CommandProblem {
  const command = rules.format.decode(bytes)
  if (command === undefined)
    return { kind: 'opcode', field: 'opcode', message: `opcode = ${hex(bytes[0]!)} is no command` }
  const problem =
    reservedProblem(rules.format, command, bytes) ?? tokenProblem(rules.description, command) ?? valueProblem(command)
  if (problem !== undefined) return problem
  const own = command.spec.check(command.fields, rules.parameters)
  if (own !== undefined) return fieldProblem(command, own.field, own.message)
  const regions = command.spec.touches(command.fields, rules.parameters)
  for (const region of regions) {
    const outside = boundsProblem(rules.memories, region)
    if (outside !== undefined) return outside
  }
  return { ...command, ...place, regions, cost: command.spec.cycles(command.fields, rules.parameters) }
}

function fieldProblem({ fields }: DecodedCommand, field: string, message: string): CommandProblem {
  return { kind: 'field', field, message: `${field} = ${fields[field]} ${message}` }
}

/** The header's reserved byte and every bit that no field uses must be zero, so that they can get a meaning later. */
function reservedProblem(
  format: CommandFormat,
  { name, fields }: DecodedCommand,
  bytes: Uint8Array,
): CommandProblem | undefined {
  if (fields.reserved !== 0)
    return { kind: 'reserved', field: 'reserved', message: `reserved = ${hex(fields.reserved!)} must be zero` }
  const unused = format.unusedBits(name)
  const byte = unused.findIndex((mask, index) => (mask & bytes[index]!) !== 0)
  return byte < 0 ? undefined : { kind: 'reserved', message: `byte ${byte} has bits set that no field uses` }
}

function tokenProblem(description: AcceleratorDescription, command: DecodedCommand): CommandProblem | undefined {
  const own = description.units.indexOf(command.spec.unit)
  for (const field of ['wait', 'signal'] as const) {
    const mask = command.fields[field]!
    if (own < 0 && mask !== 0) return fieldProblem(command, field, `must be zero: no unit executes ${command.name}`)
    if (mask >> description.units.length !== 0) return fieldProblem(command, field, 'names a unit that does not exist')
    if (own >= 0 && ((mask >> own) & 1) !== 0)
      return fieldProblem(command, field, `names ${command.spec.unit}, the unit that executes it`)
  }
  return undefined
}

function valueProblem(command: DecodedCommand): CommandProblem | undefined {
  for (const [name, { values, flags }] of Object.entries(command.spec.fields)) {
    if (values === undefined) continue
    const value = command.fields[name]!
    const legal = Object.values(values)
    if (flags && (value & ~legal.reduce((mask, bit) => mask | bit, 0)) !== 0)
      return fieldProblem(command, name, 'has bits set that mean nothing')
    if (!flags && !legal.includes(value)) return fieldProblem(command, name, `is none of ${legal.join(', ')}`)
  }
  return undefined
}

/** One past the last byte of a region. */
function regionEnd({ start, bytes, repeat }: Region): number {
  return (repeat ?? []).reduce((end, { count, stride }) => end + (count - 1) * stride, start + bytes)
}

function boundsProblem(memories: Readonly<Record<string, MemorySpec>>, region: Region): CommandProblem | undefined {
  const size = region.memory === 'ram' ? 2 ** 32 : memories[region.memory]!.bytes
  const end = regionEnd(region)
  if (end <= size) return undefined
  const what = `${region.access === 'read' ? 'reads' : 'writes'} ${region.memory} up to ${hex(end)}`
  return {
    kind: 'range',
    ...(region.field === undefined ? {} : { field: region.field }),
    message: `${region.field === undefined ? '' : `${region.field} = ${hex(region.start)} `}${what}, which ends at ${hex(size)}`,
  }
}

/** Index of a field in the layout of its command; the opcode is the first field of every command, known or not. */
export function fieldIndex(command: DecodedCommand | undefined, field: string): number {
  return command === undefined ? 0 : layoutOf(command.spec).findIndex((place) => place.name === field)
}
