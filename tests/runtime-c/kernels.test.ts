import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { operatorDefinitions } from '../../compiler/ops/index.ts'
import { compileFirmware, type Firmware } from '../../sim/testing/index.ts'
import { installedToolchains } from './firmware.ts'
import { type Kind, kernelCase } from './kernel-arguments.ts'
import { Random } from './random.ts'
import { randomOperators } from './random-operators.ts'

const kinds = Object.keys(randomOperators) as Kind[]

/** Cases of each kind: more where there are more paths through the kernel. */
const caseCount = (kind: Kind) => (kind === 'conv2d' || kind === 'depthwiseConv2d' ? 120 : 25)

/** Random operators that shrink: fewer dimensions, smaller sizes, zeros. */
const operators = (kind: Kind) =>
  fc.gen().map((generate) => randomOperators[kind](new Random((min, max) => generate(fc.integer, { min, max }))))

test('every operator but an alias has a kernel here', () => {
  const computing = operatorDefinitions.filter((definition) => definition.alias !== true)
  expect(kinds.toSorted()).toEqual(computing.map(({ kind }) => kind).toSorted())
})

describe.each(installedToolchains)('kernels built by $name', ({ name: toolchain }) => {
  let firmware: Firmware
  beforeAll(async () => {
    firmware = await compileFirmware({ kernels: true, toolchain })
  }, 120_000)

  test.each(kinds)('%s computes what the reference does, and writes nothing else', (kind) => {
    const property = fc.property(operators(kind), (operator) => {
      const { call, outputs, expected } = kernelCase(operator)
      const { after } = firmware.call(...call)
      for (const [i, output] of outputs.entries()) expect(after(output)).toEqualTensor(expected[i]!)
    })
    fc.assert(property, { seed: 1, numRuns: caseCount(kind) })
  })
})
