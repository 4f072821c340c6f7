import { describe, expect, it } from 'vitest'
import { printGraph } from '../../../compiler/ir/print-graph.ts'
import { GraphBuilder } from '../graphs.ts'

describe('printGraph', () => {
  it('prints one line per constant and operator', () => {
    const b = new GraphBuilder()
    const input = b.tensor({ shape: [1, 4, 4, 1] })
    const conv = b.conv3x3(input, 'relu')
    const flat = b.add('reshape', {}, [conv], { shape: [1, 4] })
    const mean = b.add('mean', { axes: [1], keepDims: false }, [flat], { shape: [1] })
    expect(printGraph(b.graph([input], [mean]))).toBe(
      `graph "test" (%0: int8[1x4x4x1] * 0.5 zero 3) {
  %1 = constant : int8[1x3x3x1] * 0.1 // "t1"
  %2 = conv2d#0(%0, %1) {stride = 1x1, dilation = 1x1, padding = [top 0, bottom 0, left 0, right 0], activation = relu} : int8[1x2x2x1] * 0.5 zero 3
  %3 = reshape#1(%2) : int8[1x4] * 0.5 zero 3
  %4 = mean#2(%3) {axes = [1], keepDims = false} : int8[1] * 0.5 zero 3
  return %4
}
`,
    )
  })
})
