import type { TfliteImport, TfliteNode } from '../import/tflite/node.ts'
import { StridedSliceOptions } from '../import/tflite/schema.generated.ts'
import type { OperatorAttributes } from '../ir/operators.ts'
import { ensureInt8, ensureSameQuantisation, formatShape } from './constraints.ts'
import { ensure, type OperatorDefinition } from './operator.ts'
import { copyStrided, ensureLoops, type StridedCopy, simplify, stridesOf } from './strided-copy.ts'

type Slice = OperatorAttributes['stridedSlice']

const clamp = (x: number, min: number, max: number) => Math.min(max, Math.max(min, x))

/** STRIDED_SLICE states first and past-the-end elements; negative ones count from the end, masked ones are left open. */
function importStridedSlice(node: TfliteNode): TfliteImport<'stridedSlice'> {
  const { shape } = node.input(0, 'input')
  const options = node.options(StridedSliceOptions)
  ensure(options.ellipsisMask() === 0 && options.newAxisMask() === 0, 'its ellipsis or new axis is not supported')
  ensure(!options.offset(), 'its ends that count from the begin are not supported')
  const [begins, ends, strides] = ['begin', 'end', 'strides'].map((role, i) => node.integers(i + 1, role))
  const sameRank = [begins!, ends!, strides!].every((numbers) => numbers.length === shape.length)
  ensure(sameRank, `its begin, end and strides are not one for each of ${shape.length} dimensions`)
  ensure(!strides!.includes(0), 'one of its strides is 0')
  const masked = (mask: number, dimension: number) => ((mask >> dimension) & 1) === 1
  const backwards = strides!.some((stride, i) => stride < 0 && masked(options.shrinkAxisMask(), i))
  ensure(!backwards, 'it takes one element of a dimension with a negative stride')

  const begin = shape.map((length, i) => {
    const forwards = strides![i]! > 0
    if (masked(options.beginMask(), i)) return forwards ? 0 : length - 1
    const first = begins![i]! < 0 ? begins![i]! + length : begins![i]!
    return forwards ? clamp(first, 0, length) : clamp(first, -1, length - 1)
  })
  const size = shape.map((length, i) => {
    if (masked(options.shrinkAxisMask(), i)) return 1
    const forwards = strides![i]! > 0
    const past = ends![i]! < 0 ? ends![i]! + length : ends![i]!
    const open = masked(options.endMask(), i)
    const end = forwards ? (open ? length : clamp(past, 0, length)) : open ? -1 : clamp(past, -1, length - 1)
    return Math.max(0, Math.ceil((end - begin[i]!) / strides![i]!))
  })
  return { attributes: { begin, size, strides: strides! }, inputs: [0] }
}

/** SLICE states first elements and sizes, -1 for all that are left. */
function importSlice(node: TfliteNode): TfliteImport<'stridedSlice'> {
  const { shape } = node.input(0, 'input')
  const begin = node.integers(1, 'begin')
  const sizes = node.integers(2, 'size')
  const sameRank = begin.length === shape.length && sizes.length === shape.length
  ensure(sameRank, `its begin and size are not one for each of ${shape.length} dimensions`)
  const size = shape.map((length, i) => (sizes[i] === -1 ? length - begin[i]! : sizes[i]!))
  return { attributes: { begin, size, strides: shape.map(() => 1) }, inputs: [0] }
}

function ensureInside({ begin, size, strides }: Slice, shape: readonly number[]): void {
  for (const [i, length] of shape.entries()) {
    const last = begin[i]! + (size[i]! - 1) * strides[i]!
    const inside = size[i]! >= 1 && Math.min(begin[i]!, last) >= 0 && Math.max(begin[i]!, last) < length
    ensure(inside, `its slice of dimension ${i} is empty or outside of ${length} elements`)
  }
}

/** A box of elements at regular distances. */
export const stridedSlice: OperatorDefinition<'stridedSlice', StridedCopy, readonly [Int8Array], readonly [Int8Array]> =
  {
    kind: 'stridedSlice',
    inputs: [1, 1],
    outputs: [1, 1],
    tflite: { STRIDED_SLICE: importStridedSlice, SLICE: importSlice },

    check({ attributes, inputs: [input], outputs: [output] }) {
      ensureInt8(input, 'input')
      ensureInt8(output, 'output')
      ensureSameQuantisation(input, output, 'input and output')
      ensureInside(attributes, input.shape)
      // Dimensions of one element may be dropped, so shapes are compared without them.
      const [sliced, stated] = [attributes.size, output.shape].map((shape) => shape.filter((size) => size !== 1))
      const same = formatShape(sliced!) === formatShape(stated!)
      ensure(same, `its slice is ${formatShape(attributes.size)}, its output ${formatShape(output.shape)}`)
    },

    parameters({ attributes: { begin, size, strides }, inputs: [input] }) {
      const dense = stridesOf(input.shape)
      const inputStrides = dense.map((stride, i) => stride * strides[i]!)
      const inputOffset = dense.reduce((sum, stride, i) => sum + stride * begin[i]!, 0)
      const copy = { shape: size, inputStrides, outputStrides: stridesOf(size), inputOffset, outputOffset: 0 }
      return ensureLoops(simplify(copy))
    },

    evaluate: (p, [input], [out]) => copyStrided(p, input, out),
  }
