/**
 * The C header of an accelerator: registers, bit masks, command structs, opcodes and enumerations.
 * Sizes and offsets are asserted at compile time, so a compiler that lays out structs differently
 * refuses the header instead of sending wrong commands.
 */
import type { AcceleratorDescription, AnyCommand, FieldSpec, ParameterValues, RegisterSpec } from './description.ts'
import { layoutOf, type PlacedField } from './layout.ts'
import { errorCodes, upperSnake } from './ring-registers.ts'
import { WINDOW_STRIDE } from './scratchpad-window.ts'

const hex = (value: number, digits = 1) => `0x${(value >>> 0).toString(16).padStart(digits, '0')}u`

/** `fullyConnected` as `fully_connected`. */
const lowerSnake = (name: string) => upperSnake(name).toLowerCase()

/** Header text; every name begins with `prefix`, so that firmware need not know which accelerator it drives. */
export function acceleratorHeader(
  description: AcceleratorDescription,
  parameters: ParameterValues,
  prefix = 'ACCELERATOR',
): string {
  const guard = `${prefix}_H`
  const sections = [
    registerSection(prefix, description.registers, parameters),
    errorSection(prefix),
    memorySection(prefix, description, parameters),
    commandSection(prefix, description),
  ]
  return `/*
 * Accelerator '${description.name}': ${description.doc}.
 * Derived from its description; do not edit.
 */
#ifndef ${guard}
#define ${guard}

#include <stddef.h>
#include <stdint.h>

${sections.join('\n')}
#endif
`
}

function registerSection(prefix: string, registers: readonly RegisterSpec[], parameters: ParameterValues): string {
  const lines = registers.flatMap((register) => {
    const name = `${prefix}_${register.name}`
    const reset = typeof register.reset === 'function' ? register.reset(parameters) : register.reset
    const known =
      register.access === 'ro' && register.name === 'ID' ? [`#define ${name}_VALUE ${hex(reset ?? 0, 8)}`] : []
    const fields = Object.entries(register.fields ?? {}).map(
      ([field, { bit, bits }]) => `#define ${name}_${upperSnake(field)} ${hex((2 ** bits - 1) * 2 ** bit)}`,
    )
    return [`#define ${name} ${hex(register.offset, 3)} /* ${register.access}: ${register.doc} */`, ...known, ...fields]
  })
  return `/* Registers: offsets in bytes, and masks of their fields. */\n${lines.join('\n')}\n`
}

function errorSection(prefix: string): string {
  const lines = Object.entries(errorCodes).map(
    ([name, value]) => `#define ${prefix}_ERROR_CODE_${upperSnake(name)} ${value}u`,
  )
  return `/* Values of ERROR_CODE. */\n${lines.join('\n')}\n`
}

function memorySection(prefix: string, description: AcceleratorDescription, parameters: ParameterValues): string {
  const visible = Object.entries(description.memories(parameters)).filter(([, { internal }]) => !internal)
  const lines = visible.map(
    ([name, { doc }], index) =>
      `#define ${prefix}_WINDOW_${upperSnake(name)} ${hex(index * WINDOW_STRIDE)} /* ${doc} */`,
  )
  return `/* Offsets of the scratchpads in the window. */\n${lines.join('\n')}\n`
}

function commandSection(prefix: string, description: AcceleratorDescription): string {
  const bytes = description.frontEnd.bytesPerCommand
  const units = description.units.map(
    (unit, index) => `#define ${prefix}_UNIT_${upperSnake(unit)} ${hex(1 << index)} /* bit of wait and signal */`,
  )
  const structs = Object.entries(description.commands).map(([name, command]) =>
    commandStruct(prefix, name, command, bytes),
  )
  return `/* Commands of ${bytes} bytes, little endian; members named zero_* stay zero. */
#define ${prefix}_COMMAND_BYTES ${bytes}u
${units.join('\n')}

${structs.join('\n')}`
}

function commandStruct(prefix: string, name: string, command: AnyCommand, commandBytes: number): string {
  const struct = `${prefix.toLowerCase()}_${lowerSnake(name)}`
  const layout = layoutOf(command)
  const asserts = layout.map(
    ({ name: field, bit }) =>
      `_Static_assert(offsetof(struct ${struct}, ${lowerSnake(field)}) == ${bit / 8}, "${struct}.${lowerSnake(field)}");`,
  )
  return `/* ${command.doc}; executed by: ${command.unit} */
#define ${prefix}_OPCODE_${upperSnake(name)} ${hex(command.opcode, 2)}
${layout.flatMap((field) => enumeration(prefix, name, field)).join('')}struct ${struct} {
${structMembers(layout, commandBytes).join('\n')}
};
_Static_assert(sizeof(struct ${struct}) == ${commandBytes}, "${struct}");
${asserts.join('\n')}
`
}

/** Members in order; gaps are members too, so that an initialiser makes them zero as the hardware asks. */
function structMembers(layout: readonly PlacedField[], commandBytes: number): string[] {
  const members: string[] = []
  let next = 0
  const padTo = (byte: number) => {
    if (byte > next) members.push(`  uint8_t zero_${next}[${byte - next}];`)
  }
  for (const { name, spec, bit } of layout) {
    padTo(bit / 8)
    members.push(`  ${cType(spec)} ${lowerSnake(name)}; /* ${spec.doc} */`)
    next = (bit + spec.bits) / 8
  }
  padTo(commandBytes)
  return members
}

function enumeration(prefix: string, command: string, { name, spec }: PlacedField): string[] {
  return Object.entries(spec.values ?? {}).map(
    ([value, number]) =>
      `#define ${prefix}_${upperSnake(command)}_${upperSnake(name)}_${upperSnake(value)} ${number}u\n`,
  )
}

function cType({ bits, signed }: FieldSpec): string {
  if (bits !== 8 && bits !== 16 && bits !== 32) throw new RangeError(`no C type of ${bits} bits`)
  return `${signed ? '' : 'u'}int${bits}_t`
}
