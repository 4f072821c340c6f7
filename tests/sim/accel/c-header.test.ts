import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { cnn } from '../../../accelerators/cnn/hardware.ts'
import { acceleratorHeader } from '../../../sim/accel/c-header.ts'
import { CommandFormat, layoutOf } from '../../../sim/accel/layout.ts'
import { resolveParameters } from '../../../sim/accel/resolve-parameters.ts'
import { upperSnake } from '../../../sim/accel/ring-registers.ts'
import { randomFrom } from './rig.ts'

const header = acceleratorHeader(cnn, resolveParameters(cnn))
const folder = mkdtempSync(join(tmpdir(), 'header-'))
afterAll(() => rmSync(folder, { recursive: true }))

const zig = new URL('../../../node_modules/.bin/zig', import.meta.url).pathname
/** C compilers for this machine and for the controller, of those that are installed. */
const native = [['cc'], [zig, 'cc']].find(works)
const cross = [
  ['riscv64-unknown-elf-gcc', '-march=rv32im', '-mabi=ilp32', '-ffreestanding'],
  [zig, 'cc', '-target', 'riscv32-freestanding-none'],
].find(works)

function works([command, ...rest]: readonly string[]): boolean {
  try {
    execFileSync(command!, [...rest.filter((word) => !word.startsWith('-m')), '--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function compile([command, ...options]: readonly string[], source: string, more: readonly string[]): void {
  writeFileSync(join(folder, 'accelerator.h'), header)
  writeFileSync(join(folder, 'main.c'), source)
  const strict = ['-std=c11', '-Wall', '-Wextra', '-Werror', '-I', folder, join(folder, 'main.c')]
  execFileSync(command!, [...options, ...strict, ...more], { stdio: ['ignore', 'ignore', 'pipe'] })
}

const snake = (name: string) => upperSnake(name).toLowerCase()

describe('the C header', () => {
  test('has every register, command and unit', () => {
    for (const { name } of cnn.registers) expect(header).toMatch(new RegExp(`#define ACCELERATOR_${name} 0x`))
    for (const name of Object.keys(cnn.commands)) expect(header).toContain(`struct accelerator_${snake(name)} {`)
    expect(header).toContain('#define ACCELERATOR_UNIT_STORE 0x4u')
    expect(header).toContain('#define ACCELERATOR_STATUS_BUSY_COMPUTE 0x200u')
    expect(header).toContain('#define ACCELERATOR_LOAD_MEMORY_WGT 1u')
  })

  test.skipIf(cross === undefined)('compiles for the controller, all its assertions included', () => {
    compile(cross!, '#include "accelerator.h"\n', ['-c', '-o', join(folder, 'main.o')])
  })

  test.skipIf(native === undefined)('fills commands with the bytes that the encoder gives', () => {
    const random = randomFrom(71)
    const format = new CommandFormat(cnn)
    const expected: Uint8Array[] = []
    const statements = Object.entries(cnn.commands).map(([name, command]) => {
      const values = layoutOf(command).map(({ name: field, spec }) => {
        const low = spec.signed ? -(2 ** (spec.bits - 1)) : 0
        return [field, field === 'opcode' ? command.opcode : low + (random(0, 0x7fffffff) % 2 ** spec.bits)] as const
      })
      const bytes = new Uint8Array(64)
      format.encode(name, Object.fromEntries(values), bytes)
      expected.push(bytes)
      const members = values.map(([field, value]) =>
        field === 'opcode'
          ? `.opcode = ACCELERATOR_OPCODE_${upperSnake(name)}`
          : `.${snake(field)} = ${value}${value < 0 ? '' : 'u'}`,
      )
      return `{ struct accelerator_${snake(name)} command = { ${members.join(', ')} };
  fwrite(&command, ACCELERATOR_COMMAND_BYTES, 1, stdout); }`
    })
    const program = join(folder, 'main')
    const source = `#include <stdio.h>\n#include "accelerator.h"\nint main(void) {\n${statements.join('\n')}\nreturn 0;\n}\n`
    compile(native!, source, ['-o', program])
    expect([...execFileSync(program)]).toEqual(expected.flatMap((bytes) => [...bytes]))
  })
})
