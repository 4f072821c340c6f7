import { beforeAll, describe, expect, test } from 'vitest'
import { Constants } from '../../compiler/codegen/constants.ts'
import { operatorDefinitions } from '../../compiler/ops/index.ts'
import type { Toolchain } from '../../compiler/toolchain/toolchain.ts'
import type { Machine } from '../../sim/machine.ts'
import { boot, build, installedToolchains } from './firmware.ts'
import { KernelCase } from './kernel-case.ts'
import { Random } from './random.ts'
import { randomOperators } from './random-operators.ts'

type Kind = keyof typeof randomOperators
const kinds = Object.keys(randomOperators) as Kind[]

/** Cases of each kind: more where there are more paths through the kernel. */
const caseCount = (kind: Kind) => (kind === 'conv2d' || kind === 'depthwiseConv2d' ? 120 : 25)

const constants = new Constants()
const cases = new Map(
  kinds.map((kind) => {
    const random = new Random(1)
    const make = (_: unknown, index: number) =>
      new KernelCase(`${kind}_${index}`, randomOperators[kind](random), constants)
    return [kind, Array.from({ length: caseCount(kind) }, make)]
  }),
)

/** One file per kind with a function that runs its cases. */
function source(kind: Kind): string {
  const all = cases.get(kind)!
  return `#include <string.h>
#include "presilicon/kernels.h"
${all.map(({ definitions }) => definitions).join('\n')}
void run_${kind}(void);
void run_${kind}(void)
{
${all.map(({ statements }) => statements).join('\n')}
}
`
}

/** Runs all cases of all kinds in one firmware. */
async function runAll(toolchain: Toolchain): Promise<Machine> {
  const declarations = kinds.map((kind) => `void run_${kind}(void);\n`).join('')
  const calls = kinds.map((kind) => `  run_${kind}();\n`).join('')
  const files = {
    ...Object.fromEntries(kinds.map((kind) => [`${kind}.c`, source(kind)])),
    'main.c': `${declarations}int main(void)\n{\n${calls}  return 0;\n}\n`,
    'constants.S': constants.assembly('constants.bin'),
    'constants.bin': constants.binary(),
  }
  const machine = await boot(await build(toolchain, files, ['boot', 'hal', 'libc', 'kernels']))
  const { reason, exitCode, console: text } = machine.run({ maxInstructions: 100_000_000 })
  expect({ reason, exitCode, text }).toEqual({ reason: 'exit', exitCode: 0, text: '' })
  return machine
}

test('every operator but an alias has a kernel here', () => {
  const computing = operatorDefinitions.filter((definition) => definition.alias !== true)
  expect(kinds.toSorted()).toEqual(computing.map(({ kind }) => kind).toSorted())
})

describe.each(installedToolchains)('kernels built by $name', (toolchain) => {
  let machine: Machine
  beforeAll(async () => {
    machine = await runAll(toolchain)
  }, 120_000)

  test.each(kinds)('%s computes what the reference does, and writes nothing else', (kind) => {
    for (const one of cases.get(kind)!) {
      const { attributes, inputs } = one.operator
      const what = `${one.name} ${JSON.stringify(attributes)} of ${inputs.map(({ shape }) => shape.join('x'))}`
      for (const output of one.expected.keys()) {
        const { address, size } = machine.symbols.get(one.outputSymbol(output))!
        expect(new Int8Array(machine.readMemory(address, size).buffer), what).toEqual(one.guarded(output))
      }
    }
  })
})
