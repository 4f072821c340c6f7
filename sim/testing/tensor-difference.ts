import { coordinates, describeTensor, type Tensor } from './tensor.ts'

/** Elements of a difference that are listed. */
const LISTED = 8

export interface TensorDifference {
  /** Elements that differ, or 'type' or 'shape' when nothing can be compared. */
  readonly count: number
  readonly maxAbsDiff: number
  /** For a person: some lines. */
  readonly text: string
}

/**
 * What differs between two tensors; undefined when nothing does.
 *
 * @param tolerance largest absolute difference that counts as equal
 */
export function tensorDifference(actual: Tensor, expected: Tensor, tolerance = 0): TensorDifference | undefined {
  const [is, be] = [describeTensor(actual), describeTensor(expected)]
  if (is !== be)
    return { count: expected.data.length, maxAbsDiff: Number.POSITIVE_INFINITY, text: `is ${is}, not ${be}` }
  const differing: { readonly index: number; readonly by: number }[] = []
  for (let index = 0; index < expected.data.length; index++) {
    const [a, b] = [actual.data[index]!, expected.data[index]!]
    const same = Object.is(a, b) || a === b
    const by = same ? 0 : Math.abs(typeof a === 'bigint' ? Number(a - (b as bigint)) : a - (b as number))
    if (!(by <= tolerance)) differing.push({ index, by })
  }
  if (differing.length === 0) return undefined
  const maxAbsDiff = differing.reduce((most, { by }) => Math.max(most, by), 0)
  const listed = differing.slice(0, LISTED).map(({ index }) => {
    return `  [${coordinates(expected.shape, index).join(', ')}] is ${actual.data[index]}, not ${expected.data[index]}`
  })
  const rest = differing.length - listed.length
  const head = `${differing.length} of ${expected.data.length} elements of ${be} differ, by up to ${maxAbsDiff}:`
  const text = [head, ...listed, ...(rest > 0 ? [`  and ${rest} more`] : [])].join('\n')
  return { count: differing.length, maxAbsDiff, text }
}
