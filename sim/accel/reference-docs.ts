import type { AcceleratorDescription, AnyCommand, FieldSpec, RegisterSpec } from './description.ts'
import { layoutOf } from './layout.ts'
import { resolveParameters } from './resolve-parameters.ts'

/** Cells of a Markdown table must not hold its separator. */
const cell = (text: string) => text.replaceAll('|', '\\|')
const row = (...cells: readonly (string | number)[]) => `| ${cells.map((text) => cell(String(text))).join(' | ')} |`
const hex = (value: number, digits = 2) => `0x${value.toString(16).padStart(digits, '0')}`

/** Markdown reference of an accelerator: parameters, memories, registers, commands. */
export function acceleratorReference(description: AcceleratorDescription): string {
  return `# Reference of accelerator \`${description.name}\`

Derived from its description by \`npm run gen\`; do not edit. ${sentence(description.doc)}

## Parameters
${table(['parameter', 'default', 'range', 'unit', 'meaning'], parameterRows(description))}

## Memories
${table(['memory', 'bytes', 'bytes per cycle and port', 'banks', 'seen by', 'content'], memoryRows(description))}

Sizes are those of the default parameters.

## Registers
${table(['offset', 'name', 'access', 'reset', 'meaning'], registerRows(description))}

### Fields of registers
${table(['register', 'bits', 'field', 'meaning'], description.registers.flatMap(registerFieldRows))}

## Commands
A command is ${description.frontEnd.bytesPerCommand} bytes, little endian; fields stand at their natural alignment and bits that no field uses are zero.
\`wait\` and \`signal\` have a bit for each unit: ${description.units.map((unit, index) => `${1 << index} ${unit}`).join(', ')}.

${table(
  ['opcode', 'command', 'unit', 'effect'],
  Object.entries(description.commands).map(([name, { opcode, unit, doc }]) => row(hex(opcode), name, unit, doc)),
)}

${Object.entries(description.commands)
  .map(([name, command]) => commandSection(name, command))
  .join('\n\n')}
`
}

const sentence = (text: string) => `${text[0]!.toUpperCase()}${text.slice(1)}.`

const table = (head: readonly string[], rows: readonly string[]) =>
  [row(...head), row(...head.map(() => '---')), ...rows].join('\n')

function parameterRows({ parameters }: AcceleratorDescription): string[] {
  return Object.entries(parameters).map(([name, { default: value, min, max, multipleOf = 1, unit, doc }]) =>
    row(name, value, `${min} to ${max}${multipleOf > 1 ? ` by ${multipleOf}` : ''}`, unit, doc),
  )
}

function memoryRows(description: AcceleratorDescription): string[] {
  const memories = description.memories(resolveParameters(description))
  return Object.entries(memories).map(([name, { bytes, portBytes, banks, internal, doc }]) =>
    row(name, bytes, portBytes, banks, internal ? 'its unit' : 'DMA, window', doc),
  )
}

function registerRows(description: AcceleratorDescription): string[] {
  const parameters = resolveParameters(description)
  return description.registers.map(({ offset, name, access, reset = 0, doc }) =>
    row(hex(offset, 3), name, access, hex(typeof reset === 'function' ? reset(parameters) : reset, 1), doc),
  )
}

function registerFieldRows({ name, fields = {} }: RegisterSpec): string[] {
  return Object.entries(fields).map(([field, { bit, bits, doc }]) =>
    row(name, bits === 1 ? bit : `${bit + bits - 1}:${bit}`, field, doc),
  )
}

function commandSection(name: string, command: AnyCommand): string {
  const rows = layoutOf(command).map(({ name: field, spec, bit }, index) =>
    row(index, bit / 8, field, typeName(spec), meaning(spec)),
  )
  return `### ${name} (${hex(command.opcode)})\n${sentence(command.doc)}\n\n${table(['field', 'byte', 'name', 'type', 'meaning'], rows)}`
}

const typeName = ({ bits, signed }: FieldSpec) => `${signed ? 'i' : 'u'}${bits}`

function meaning({ doc, memory, values, flags }: FieldSpec): string {
  const names = Object.entries(values ?? {}).map(([value, number]) => `${number} ${value}`)
  const choice = names.length === 0 ? '' : ` (${flags ? 'bits: ' : ''}${names.join(', ')})`
  return `${doc}${memory === undefined ? '' : `; address in ${memory}`}${choice}`
}
