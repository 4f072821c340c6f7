import type { Graph, Operator, Tensor } from './graph.ts'

/**
 * The graph as text, one line per operator in execution order, in the manner of MLIR. Stable: equal graphs print
 * equally, and a line changes only when what it shows does. Long lists of scales show their number only.
 */
export function printGraph(graph: Graph): string {
  const type = (id: number) => formatType(graph.tensors[id]!)
  const constants = graph.tensors.filter((tensor) => tensor.data !== undefined)
  const lines = [
    `graph "${graph.name}" (${graph.inputs.map((id) => `%${id}: ${type(id)}`).join(', ')}) {`,
    ...constants.map((tensor) => `  %${tensor.id} = constant : ${formatType(tensor)} // "${tensor.name}"`),
    ...graph.operators.map((operator) => `  ${formatOperator(operator)} : ${operator.outputs.map(type).join(', ')}`),
    `  return ${graph.outputs.map((id) => `%${id}`).join(', ')}`,
    '}',
  ]
  return `${lines.join('\n')}\n`
}

function formatOperator({ kind, attributes, inputs, outputs, origin }: Operator): string {
  const fields = Object.entries(attributes).map(([name, value]) => `${name} = ${formatValue(value)}`)
  const ids = (list: readonly number[]) => list.map((id) => `%${id}`).join(', ')
  const attributeList = fields.length === 0 ? '' : ` {${fields.join(', ')}}`
  return `${ids(outputs)} = ${kind}#${origin.index}(${ids(inputs)})${attributeList}`
}

/** Sizes as 3x3, paddings as their four sides, lists in brackets. */
function formatValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value)
  const isSize = entries.length === 2 && 'height' in value && 'width' in value
  return isSize
    ? `${value.height}x${value.width}`
    : `[${entries.map(([side, count]) => `${side} ${count}`).join(', ')}]`
}

function formatType({ dtype, shape, quantisation }: Tensor): string {
  const type = `${dtype}[${shape.join('x')}]`
  if (quantisation === undefined) return type
  const { scales, zeroPoints, axis } = quantisation
  if (scales.length > 1) return `${type} * ${scales.length} scales along ${axis}`
  return `${type} * ${Number(scales[0]!.toPrecision(7))}${zeroPoints[0] === 0 ? '' : ` zero ${zeroPoints[0]}`}`
}
