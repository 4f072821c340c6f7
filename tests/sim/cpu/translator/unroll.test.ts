import { expect, it } from 'vitest'
import { Decoder } from '../../../../sim/cpu/decoder.ts'
import { parseIsa } from '../../../../sim/cpu/isa.ts'
import { type Block, type BlockEnd, successors } from '../../../../sim/cpu/translator/region.ts'
import { unrollLoops } from '../../../../sim/cpu/translator/unroll.ts'
import { asm } from '../../guest.ts'

const decoded = new Decoder(parseIsa('rv32i').extensions).decode(asm('addi'))!

/** A block of `length` instructions. */
const block = (length: number, end: BlockEnd): Block => ({
  pc: 0,
  instructions: Array.from({ length }, (_, n) => ({
    decoded,
    pc: n * 4,
    cycles: 1,
    taken: 0,
    operandCycles: undefined,
  })),
  end,
})

const branch = (taken: number, otherwise: number): BlockEnd => ({
  kind: 'branch',
  taken: { block: taken },
  otherwise: { block: otherwise },
})

const leave: BlockEnd = { kind: 'go', to: { leave: 0x100, known: true } }

it('copies a short loop four times: each copy leads to the next one, the last one back, all of them out', () => {
  const { blocks, rounds } = unrollLoops([block(3, branch(0, 1)), block(1, leave)])
  expect(blocks.map(successors)).toEqual([[2, 1], [], [3, 1], [4, 1], [0, 1]])
  expect(rounds.get(3)).toEqual([0, 2, 3, 4])
  expect(blocks.slice(2).map(({ instructions }) => instructions.length)).toEqual([3, 3, 3])
})

it('copies a longer loop less often, and a long one not at all', () => {
  const unroll = (length: number) => unrollLoops([block(length, branch(1, 0)), block(1, leave)]).blocks.map(successors)
  expect(unroll(16)).toEqual([[1, 2], [], [1, 0]])
  expect(unroll(17)).toEqual([[1, 0], []])
})

it('leaves loops of several blocks alone', () => {
  const blocks = [block(2, branch(1, 2)), block(2, branch(0, 2)), block(1, leave)]
  expect(unrollLoops(blocks)).toEqual({ blocks, rounds: new Map() })
})
