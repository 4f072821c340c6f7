import { describe, expect, it } from 'vitest'
import {
  commentText,
  identifier,
  initialiser,
  shortName,
  snakeCase,
  stringLiteral,
} from '../../../compiler/codegen/c-values.ts'

describe('C text', () => {
  it('has designated initialisers in snake case', () => {
    const value = { inputZeroPoint: -3, stride: { height: 1, width: 2 }, shape: [1, 2], name: 'some_symbol' }
    expect(initialiser(value)).toBe(
      '{.input_zero_point = -3, .stride = {.height = 1, .width = 2}, .shape = {1, 2}, .name = some_symbol}',
    )
    expect(snakeCase('a')).toBe('a')
  })

  it('writes the most negative number as C can read it', () => {
    expect(initialiser([-(2 ** 31), -(2 ** 31) + 1])).toBe('{(-2147483647 - 1), -2147483647}')
  })

  it('takes any name that a model may have', () => {
    expect(identifier('conv/1:0 weights')).toBe('conv_1_0_weights')
    expect(identifier('0')).toBe('n0')
    expect(identifier('::')).toBe('n')
    expect(stringLiteral('a"b\\c?é\n')).toBe('"a\\042b\\134c\\077\\303\\251\\012"')
    expect(commentText('evil */ int x; /*')).toBe('evil * / int x; / *')
    expect(shortName('first;second')).toBe('first')
  })
})
