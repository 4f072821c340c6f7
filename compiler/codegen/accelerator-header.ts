import type { AcceleratorDescription, FieldSpec, RegisterSpec } from '../../sim/accel/description.ts'
import { layoutOf } from '../../sim/accel/layout.ts'
import { upperSnake } from '../../sim/accel/ring-registers.ts'
import { commentText, snakeCase } from './c-values.ts'

const hex = (value: number) => `0x${value.toString(16)}u`

function registerLines({ name, offset, doc, reset, fields }: RegisterSpec): string[] {
  const identity = name === 'ID' && typeof reset === 'number' ? [`#define ACCELERATOR_ID_VALUE ${hex(reset)}`] : []
  const bits = Object.entries(fields ?? {}).map(
    ([field, { bit, bits: width }]) =>
      `#define ACCELERATOR_${name}_${upperSnake(field)} ${hex(((2 ** width - 1) * 2 ** bit) >>> 0)}`,
  )
  return [`/* ${commentText(doc)} */`, `#define ACCELERATOR_${name} ${hex(offset)}`, ...identity, ...bits]
}

const ctype = ({ bits, signed }: FieldSpec) => `${signed ? '' : 'u'}int${bits}_t`

/** One command as a struct, with its layout asserted. */
function commandLines(
  name: string,
  command: Parameters<typeof layoutOf>[0] & { opcode: number; doc: string },
): string[] {
  const tag = `command_${snakeCase(name)}`
  const places = layoutOf(command)
  return [
    `/* ${commentText(command.doc)} */`,
    `#define COMMAND_${upperSnake(name)} ${hex(command.opcode)}`,
    `struct ${tag} {`,
    ...places.map((place) => `  ${ctype(place.spec)} ${snakeCase(place.name)}; /* ${commentText(place.spec.doc)} */`),
    '};',
    ...places.map(
      (place) =>
        `_Static_assert(offsetof(struct ${tag}, ${snakeCase(place.name)}) == ${place.bit / 8}, "${place.name}");`,
    ),
    '',
  ]
}

/** `accelerator.h`: registers and commands of an accelerator, derived from its description. */
export function acceleratorHeader({ name, doc, registers, commands, frontEnd }: AcceleratorDescription): string {
  const all = Object.entries(commands)
  return [
    `/* ${name}: ${commentText(doc)}. Derived from its description. */`,
    '#ifndef ACCELERATOR_H',
    '#define ACCELERATOR_H',
    '',
    '#include <stddef.h>',
    '#include <stdint.h>',
    '',
    ...registers.flatMap(registerLines),
    '',
    `#define ACCELERATOR_COMMAND_BYTES ${frontEnd.bytesPerCommand}`,
    '',
    ...all.flatMap(([command, spec]) => commandLines(command, spec)),
    '/* One slot of the ring. */',
    'union command {',
    ...all.map(([command]) => `  struct command_${snakeCase(command)} ${snakeCase(command)};`),
    '  uint8_t bytes[ACCELERATOR_COMMAND_BYTES];',
    '};',
    '_Static_assert(sizeof(union command) == ACCELERATOR_COMMAND_BYTES, "command");',
    '',
    '#endif',
    '',
  ].join('\n')
}
