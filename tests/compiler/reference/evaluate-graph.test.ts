import { describe, expect, it } from 'vitest'
import { ReferenceInterpreter } from '../../../compiler/reference/evaluate-graph.ts'
import { UserError } from '../../../sim/diagnostic.ts'
import { GraphBuilder } from '../graphs.ts'

function twoSteps() {
  const b = new GraphBuilder()
  const input = b.tensor({ shape: [2, 2], name: 'pixels' })
  const relu = b.add('relu', {}, [input], { shape: [2, 2] })
  return b.graph([input], [b.add('mean', { axes: [1], keepDims: false }, [relu], { shape: [2] })])
}

describe('ReferenceInterpreter', () => {
  it('shows every operator what it computed, in order', () => {
    const seen: [string, number, number[]][] = []
    const outputs = new ReferenceInterpreter(twoSteps()).run([Int8Array.of(-10, 5, 9, 11)], ({ kind }, [data], index) =>
      seen.push([kind, index, Array.from(data!, Number)]),
    )
    expect(seen).toEqual([
      ['relu', 0, [3, 5, 9, 11]],
      ['mean', 1, [4, 10]],
    ])
    expect(outputs).toEqual([Int8Array.of(4, 10)])
  })

  it('keeps nothing of one inference in the next, and hands out copies', () => {
    const interpreter = new ReferenceInterpreter(twoSteps())
    const [first] = interpreter.run([Int8Array.of(3, 5, 9, 11)])
    interpreter.run([Int8Array.of(100, 100, 100, 100)])
    expect(first).toEqual(Int8Array.of(4, 10))
  })

  it('refuses inputs that do not fit', () => {
    const interpreter = new ReferenceInterpreter(twoSteps())
    expect(() => interpreter.run([new Uint8Array(3)])).toThrow(UserError)
    expect(() => interpreter.run([new Uint8Array(3)])).toThrow('input "pixels" is 4 x int8, 3 x uint8 are given')
    expect(() => interpreter.run([])).toThrow(/has 1 inputs, 0 are given/)
  })
})
