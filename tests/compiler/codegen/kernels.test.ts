import { beforeAll, describe, expect, test } from 'vitest'
import { Constants } from '../../../compiler/codegen/constants.ts'
import { kernelCall } from '../../../compiler/codegen/kernels.ts'
import { compileFirmware, type Firmware } from '../../../sim/testing/index.ts'
import { graphOf, type Kind, kernelCase } from '../../runtime-c/kernel-arguments.ts'
import { Random } from '../../runtime-c/random.ts'
import { type RandomOperator, randomOperators } from '../../runtime-c/random-operators.ts'

const CASES = 3
const kinds = Object.keys(randomOperators) as Kind[]
const cases = new Map(
  kinds.map((kind) => {
    const random = new Random(2)
    return [kind, Array.from({ length: CASES }, () => randomOperators[kind](random))] as const
  }),
)
const constants = new Constants()

/** The call that the compiler writes for an operator, in a function that takes the operator's tensors. */
function cFunction(name: string, operator: RandomOperator): string {
  const externs: string[] = []
  const constant = (symbol: string, ctype: string, bytes: Uint8Array) => {
    externs.push(`extern const ${ctype} ${symbol}[];\n`)
    return constants.add(symbol, bytes)
  }
  const graph = graphOf(operator)
  const names = graph.tensors.map(({ id }) => `tensor${id}`)
  const context = { graph, prefix: `${name}_data`, tensor: (id: number) => names[id]!, constant }
  const { definitions, call } = kernelCall(graph.operators[0]!, context)
  const parameters = names.map((tensor, id) => `${id < operator.inputs.length ? 'const ' : ''}int8_t *${tensor}`)
  // Addresses of arguments are no constants: what holds them lives on the stack here.
  const locals = definitions.map((line) => line.replace(/^static (.*\*.*_parts)/, '$1'))
  const unused = names.map((tensor) => `(void)${tensor};`)
  return `${externs.join('')}void ${name}(${parameters.join(', ')})\n{\n${[...unused, ...locals, call].join('\n')}\n}\n`
}

describe('the calls that the compiler writes', () => {
  let firmware: Firmware
  beforeAll(async () => {
    const functions = kinds.flatMap((kind) => cases.get(kind)!.map((one, i) => cFunction(`${kind}_${i}`, one)))
    const files = {
      'calls.c': `#include "presilicon/kernels.h"\n${functions.join('')}`,
      'constants.S': constants.assembly('constants.bin'),
      'constants.bin': constants.binary(),
    }
    firmware = await compileFirmware({ kernels: true, files })
  }, 120_000)

  test.each(kinds)('of %s compute what the reference does', (kind) => {
    for (const [i, operator] of cases.get(kind)!.entries()) {
      const { inputs, outputs, expected } = kernelCase(operator)
      const { after } = firmware.call(`${kind}_${i}`, ...inputs, ...outputs)
      for (const [o, output] of outputs.entries()) expect(after(output)).toEqualTensor(expected[o]!)
    }
  })
})
