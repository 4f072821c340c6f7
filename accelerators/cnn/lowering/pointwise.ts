/** Layers whose elements do not see their neighbours: sums, products, look-up tables. */

import { perTensor, type TensorId, tensorOf } from '../../../compiler/ir/graph.ts'
import type { OperatorKind } from '../../../compiler/ir/operators.ts'
import { kernelParameters } from '../../../compiler/ops/index.ts'
import { at } from '../../../compiler/schedule/program.ts'
import type { Hardware, Lowering, Match, Tile } from '../../../compiler/target/target.ts'
import { operations } from '../commands/elementwise.ts'
import { LOAD_MEMORIES } from '../commands/load.ts'
import { TABLE_ENTRIES } from '../parameters.ts'
import {
  type Box,
  type CnnWorkspace,
  type Frame,
  frameAround,
  imagesOf,
  loadBox,
  noPadding,
  outputBox,
  readBox,
  type Shape,
  storeBox,
  type Window,
} from './frame.ts'

type Axes = 'image' | 'rows' | 'columns'

/** Emits the command for `count` elements, `offset` bytes into boxes that move by `row` rows. */
type EmitRun = (boxes: readonly Box[], row: number, count: number) => void

/** Everything but the command: cut into rows and columns, operands brought, result stored. */
function pointwise(
  { graph, operators: [operator] }: Match,
  read: (work: CnnWorkspace, shape: Shape, window: Window) => readonly Box[],
  inputs: readonly TensorId[],
  emit: (work: CnnWorkspace) => EmitRun,
): Lowering<Frame> {
  const output = operator!.outputs[0]!
  const shape = imagesOf(graph, output)
  const layout = (tensor: TensorId) => frameAround(shape, noPadding, perTensor(tensorOf(graph, tensor))?.zeroPoint ?? 0)
  const lower = (tile: Tile<Axes>, work: CnnWorkspace) => {
    const channels = { start: 0, size: shape.channels }
    const window = { image: tile.image.start, rows: tile.rows, columns: tile.columns, channels }
    const operands = read(work, shape, window)
    const result = outputBox(work, shape, window)
    const boxes = [...operands, result]
    const count = tile.columns.size * shape.channels
    const run = emit(work)
    // Rows without anything in between are one run.
    if (boxes.every(({ rowStride }) => rowStride === count)) run(boxes, 0, count * tile.rows.size)
    else for (let row = 0; row < tile.rows.size; row++) run(boxes, row, count)
    storeBox(work, result, shape, window)
  }
  return {
    inputs,
    output,
    layouts: { inputs: inputs.map(layout), output: layout(output) },
    macs: 0,
    axes: [
      { name: 'image', size: shape.images, step: 1, limit: 1 },
      { name: 'rows', size: shape.height, step: 1 },
      { name: 'columns', size: shape.width, step: 1 },
    ],
    orders: [['image', 'rows', 'columns']],
    lower,
  }
}

const rowOf = ({ location, rowStride }: Box, row: number) => at(location, row * rowStride)

type Binary = 'add' | 'sub' | 'mul'

export function acceptsBinary({ graph, operators: [operator] }: Match<Binary>): true | string {
  const shapes = [...operator!.inputs, ...operator!.outputs].map((id) => tensorOf(graph, id).shape.join('x'))
  return new Set(shapes).size === 1 ? true : `its operands of ${shapes[0]} and ${shapes[1]} are not of one shape`
}

/** Fields of ELEMENTWISE that do not depend on the tile. */
function binaryFields(match: Match<Binary>) {
  const { graph } = match
  const operator = match.operators[0]!
  const common = (range: { zeroPoint: number; min: number; max: number }) => ({
    operation: operations[operator.kind],
    zeroPointOutput: range.zeroPoint,
    activationMin: range.min,
    activationMax: range.max,
  })
  if (operator.kind === 'mul') {
    const { aZeroPoint, bZeroPoint, outputScale, range } = kernelParameters(graph, operator)
    return {
      ...common(range),
      zeroPointA: aZeroPoint,
      zeroPointB: bZeroPoint,
      multiplierOutput: outputScale.multiplier,
      shiftOutput: outputScale.shift,
    }
  }
  const p = kernelParameters(graph, operator)
  return {
    ...common(p.range),
    zeroPointA: p.aZeroPoint,
    zeroPointB: p.bZeroPoint,
    leftShift: p.leftShift,
    multiplierA: p.aScale.multiplier,
    shiftA: p.aScale.shift,
    multiplierB: p.bScale.multiplier,
    shiftB: p.bScale.shift,
    multiplierOutput: p.outputScale.multiplier,
    shiftOutput: p.outputScale.shift,
  }
}

export function lowerBinary(match: Match<Binary>): Lowering<Frame> {
  const { graph, operators } = match
  const operator = operators[0]!
  const fields = binaryFields(match)
  const activations = operator.inputs.filter((id) => tensorOf(graph, id).data === undefined)
  const zeroPoint = (id: TensorId) => perTensor(tensorOf(graph, id))?.zeroPoint ?? 0
  const read = (work: CnnWorkspace, shape: Shape, window: Window) =>
    operator.inputs.map((id, position) => {
      const { data } = tensorOf(graph, id)
      if (data === undefined) return readBox(work, activations.indexOf(id), shape, window, zeroPoint(id))
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      const ram = work.constant(`operand ${position}`, bytes.length, () => bytes)
      return loadBox(work, `operand ${position}`, ram, shape, window, zeroPoint(id))
    })
  return pointwise(match, read, activations, (work) => ([a, b, output], row, count) => {
    const places = { a: rowOf(a!, row), b: rowOf(b!, row), output: rowOf(output!, row) }
    work.emit('elementwise', { ...places, count, ...fields }, operator.kind)
  })
}

/** Operators of one byte that are a table of 256 results. */
export const tableKinds = ['relu', 'relu6', 'leakyRelu', 'logistic', 'tanh', 'hardSwish', 'quantize'] as const
type TableKind = (typeof tableKinds)[number] & OperatorKind

export function lowerTable(match: Match<TableKind>, { parameters }: Hardware): Lowering<Frame> {
  const { graph, operators } = match
  const operator = operators[0]!
  const { table } = kernelParameters(graph, operator)
  const bytes = new Uint8Array(table.buffer, table.byteOffset, TABLE_ENTRIES)
  const inputs = [operator.inputs[0]!]
  const read = (work: CnnWorkspace, shape: Shape, window: Window) => [readBox(work, 0, shape, window, 0)]
  return pointwise(match, read, inputs, (work) => {
    const scratch = work.keep('table', '', () => {
      const location = work.buffer('wgt', TABLE_ENTRIES, 'table', parameters.columns!)
      const ram = work.constant('table', TABLE_ENTRIES, () => bytes)
      const whole = { bytes: TABLE_ENTRIES, rows: 1, planes: 1 }
      work.emit('load', { ram, scratch: location, memory: LOAD_MEMORIES.indexOf('wgt'), ...whole }, 'table')
      return location
    })
    return ([input, output], row, count) =>
      work.emit(
        'table',
        { input: rowOf(input!, row), output: rowOf(output!, row), count, table: scratch },
        operator.kind,
      )
  })
}
