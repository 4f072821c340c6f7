import { beforeAll, describe, expect, test } from 'vitest'
import { operatorDefinitions } from '../../compiler/ops/index.ts'
import type { OperatorDefinition, OperatorView } from '../../compiler/ops/operator.ts'
import type { Toolchain } from '../../compiler/toolchain/toolchain.ts'
import type { Machine } from '../../sim/machine.ts'
import { constantArray } from './c-text.ts'
import { boot, build, installedToolchains } from './firmware.ts'
import { kernelCalls } from './kernel-calls.ts'
import { Random } from './random.ts'
import { emptyOutputs, type RandomOperator, randomOperators } from './random-operators.ts'

/** Bytes around every output that a kernel must leave alone. */
const GUARD = 8
const GUARD_VALUE = 0x5a

type Kind = keyof typeof randomOperators
const kinds = Object.keys(randomOperators) as Kind[]

/** Cases of each kind: more where there are more paths through the kernel. */
const caseCount = (kind: Kind) => (['conv2d', 'depthwiseConv2d'].includes(kind) ? 120 : 25)

interface KernelCase {
  readonly operator: RandomOperator
  readonly expected: readonly Int8Array[]
  readonly name: string
  readonly text: string
  readonly call: string
}

function makeCase(kind: Kind, index: number, random: Random): KernelCase {
  const operator = randomOperators[kind](random)
  const definition = operatorDefinitions.find((row) => row.kind === kind) as OperatorDefinition
  const view = operator as unknown as OperatorView
  definition.check(view)
  const parameters = definition.parameters(view)
  const expected = emptyOutputs(operator)
  definition.evaluate(parameters, operator.values, expected)
  const name = `${kind}${index}`
  const { constants, call } = kernelCalls[kind](parameters, name, operator.inputs.length, expected.length)
  const inputs = operator.values.map((values, i) => {
    const type = values instanceof Int32Array ? 'int32_t' : 'int8_t'
    const unused = type === 'int32_t' ? '__attribute__((unused)) ' : ''
    return unused + constantArray(type, `${name}_input${i}`, values as Int8Array)
  })
  const outputs = expected.map(
    ({ length }, i) =>
      `int8_t ${name}_guarded${i}[${length + 2 * GUARD}];\n#define ${name}_output${i} (${name}_guarded${i} + ${GUARD})\n`,
  )
  return { operator, expected: expected as Int8Array[], name, text: [...inputs, ...outputs, constants].join(''), call }
}

/** One file per kind with a function that runs its cases. */
function source(kind: Kind, cases: readonly KernelCase[]): string {
  const fill = ({ name, expected }: KernelCase) =>
    expected.map((_, i) => `  memset(${name}_guarded${i}, ${GUARD_VALUE}, sizeof ${name}_guarded${i});\n`).join('')
  return `#include <string.h>
#include "presilicon/kernels.h"
${cases.map(({ text }) => text).join('')}
void run_${kind}(void);
void run_${kind}(void)
{
${cases.map((one) => `${fill(one)}  ${one.call}\n`).join('')}}
`
}

const cases = new Map(
  kinds.map((kind) => {
    const random = new Random(1)
    return [kind, Array.from({ length: caseCount(kind) }, (_, index) => makeCase(kind, index, random))]
  }),
)

/** Runs all cases of all kinds in one firmware. */
async function runAll(toolchain: Toolchain): Promise<Machine> {
  const declarations = kinds.map((kind) => `void run_${kind}(void);\n`).join('')
  const calls = kinds.map((kind) => `  run_${kind}();\n`).join('')
  const files = Object.fromEntries(kinds.map((kind) => [`${kind}.c`, source(kind, cases.get(kind)!)]))
  const main = `${declarations}int main(void)\n{\n${calls}  return 0;\n}\n`
  const machine = await boot(await build(toolchain, { ...files, 'main.c': main }, ['boot', 'hal', 'libc', 'kernels']))
  const { reason, exitCode, console: text } = machine.run({ maxInstructions: 100_000_000 })
  expect({ reason, exitCode, text }).toEqual({ reason: 'exit', exitCode: 0, text: '' })
  return machine
}

/** What a case left in its outputs, guards included. */
function written(machine: Machine, { name, expected }: KernelCase): Int8Array[] {
  return expected.map(({ length }, i) => {
    const { address } = machine.symbols.get(`${name}_guarded${i}`)!
    return new Int8Array(machine.readMemory(address, length + 2 * GUARD).buffer)
  })
}

const guarded = (bytes: Int8Array) => {
  const all = new Int8Array(bytes.length + 2 * GUARD).fill(GUARD_VALUE)
  all.set(bytes, GUARD)
  return all
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
      const what = `${kind} ${JSON.stringify(attributes)} of ${inputs.map(({ shape }) => shape.join('x'))}`
      expect(written(machine, one), what).toEqual(one.expected.map(guarded))
    }
  })
})
