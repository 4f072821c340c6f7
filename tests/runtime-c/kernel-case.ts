import type { Constants } from '../../compiler/codegen/constants.ts'
import { kernelCall } from '../../compiler/codegen/kernels.ts'
import { allocate, type TensorData } from '../../compiler/ir/dtype.ts'
import { elementCount, type Graph, type Operator } from '../../compiler/ir/graph.ts'
import { definitionOf, viewOf } from '../../compiler/ops/index.ts'
import type { RandomOperator } from './random-operators.ts'

/** Bytes around every output that a kernel must leave alone. */
const GUARD = 8
const GUARD_VALUE = 0x5a

/** One operator as C that calls its kernel, and what must come out. */
export class KernelCase {
  readonly name: string
  readonly operator: RandomOperator
  /** By the reference arithmetic, one array per output. */
  readonly expected: readonly Int8Array[]
  /** C at file level, and the statements that run the case. */
  readonly definitions: string
  readonly statements: string

  /** @param name prefix of everything that the case defines */
  constructor(name: string, random: RandomOperator, constants: Constants) {
    this.name = name
    this.operator = random
    const graph = graphOf(random)
    const operator = graph.operators[0]!
    const definition = definitionOf(operator.kind)
    const view = viewOf(graph, operator)
    definition.check(view)
    const outputs = random.outputs.map(({ dtype, shape }) => allocate(dtype, elementCount(shape)))
    definition.evaluate(definition.parameters(view), random.values, outputs)
    this.expected = outputs as Int8Array[]

    const externs: string[] = []
    const constant = (symbol: string, ctype: string, bytes: Uint8Array) => {
      const unique = constants.add(symbol, bytes)
      externs.push(`extern const ${ctype} ${unique}[];`)
      return unique
    }
    const inputs = random.values.map((values, i) => constant(`${name}_input${i}`, 'int8_t', bytesOf(values)))
    const { definitions, call } = kernelCall(operator, {
      graph,
      prefix: name,
      tensor: (id) => inputs[id] ?? `${this.outputSymbol(id - inputs.length)} + ${GUARD}`,
      constant,
    })
    const storage = this.expected.map((bytes, i) => `int8_t ${this.outputSymbol(i)}[${bytes.length + 2 * GUARD}];`)
    const fills = storage.map(
      (_, i) => `memset(${this.outputSymbol(i)}, ${GUARD_VALUE}, sizeof ${this.outputSymbol(i)});`,
    )
    this.definitions = [...externs, ...storage, ...definitions].join('\n')
    this.statements = [...fills, call].map((line) => `  ${line}`).join('\n')
  }

  /** Symbol of an output with its guards. */
  outputSymbol(output: number): string {
    return `${this.name}_guarded${output}`
  }

  /** Contents of an output with its guards when the kernel has done right. */
  guarded(output: number): Int8Array {
    const expected = this.expected[output]!
    const bytes = new Int8Array(expected.length + 2 * GUARD).fill(GUARD_VALUE)
    bytes.set(expected, GUARD)
    return bytes
  }
}

/** The graph of one operator: inputs first, then outputs. */
function graphOf({ kind, attributes, inputs, outputs }: RandomOperator): Graph {
  const ids = (count: number, from: number) => Array.from({ length: count }, (_, i) => from + i)
  const tensors = [...inputs, ...outputs].map((tensor, id) => ({ ...tensor, id }))
  const [from, to] = [ids(inputs.length, 0), ids(outputs.length, inputs.length)]
  const operator = { kind, attributes, inputs: from, outputs: to, origin: { index: 0, op: kind } } as Operator
  return { name: 'case', tensors, operators: [operator], inputs: from, outputs: to }
}

const bytesOf = (data: TensorData) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
