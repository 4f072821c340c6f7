import { describe, expect, it } from 'vitest'
import { compile } from '../compile.ts'

describe('FunctionBody', () => {
  it('writes loops whose branches find their labels through other blocks', () => {
    const sumUpTo = compile(1, (body) => {
      const sum = body.local()
      const leave = body.block()
      const loop = body.loop()
      body.get(0)
      body.op('i32.eqz')
      body.brIf(leave)
      body.get(sum)
      body.get(0)
      body.op('i32.add')
      body.set(sum)
      body.get(0)
      body.const(1)
      body.op('i32.sub')
      body.set(0)
      body.get(0)
      body.if()
      body.br(loop)
      body.end()
      body.end()
      body.end()
      body.get(sum)
    })
    expect([0, 1, 10, 1000].map((n) => sumUpTo(n))).toEqual([0, 1, 55, 500500])
  })

  it('writes branch tables in the order of their labels, with a default', () => {
    const choose = compile(1, (body) => {
      const other = body.block()
      const two = body.block()
      const one = body.block()
      body.get(0)
      body.brTable([one, two], other)
      body.end()
      body.const(111)
      body.op('return')
      body.end()
      body.const(222)
      body.op('return')
      body.end()
      body.const(333)
    })
    expect([0, 1, 2, -1].map((n) => choose(n))).toEqual([111, 222, 333, 333])
  })

  it('loads what it stored, at static offsets', () => {
    const lowByte = compile(1, (body) => {
      body.const(16)
      body.get(0)
      body.access('i32.store', 4)
      body.const(0)
      body.access('i32.load8_s', 20)
    })
    expect(lowByte(0x1ff)).toBe(-1)
  })
})
