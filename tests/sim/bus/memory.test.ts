import { expect, it } from 'vitest'
import { LINE_CODE, LINE_WATCHED, Memory } from '../../../sim/bus/memory.ts'

const BASE = 0x8000_0000

/** A memory, and the writes that a listener for `flag` has heard of. */
function listening(flag: number) {
  const memory = new Memory('ram', BASE, 256)
  const heard: [address: number, length: number][] = []
  memory.onFlaggedWrite(flag, (address, length) => heard.push([address, length]))
  return { memory, heard }
}

it('reports every write to a flagged line', () => {
  const { memory, heard } = listening(LINE_WATCHED)
  memory.flag(BASE + 64, 4, LINE_WATCHED)
  memory.write(63, 1, 0)
  memory.write(127, 1, 0)
  memory.write(128, 4, 0)
  memory.writeBytes(60, new Uint8Array(8))
  expect(heard).toEqual([
    [BASE + 127, 1],
    [BASE + 60, 8],
  ])
})

it('reports writes to code, and none to data in the same line', () => {
  const { memory, heard } = listening(LINE_CODE)
  memory.flagCode(BASE + 60, 6)
  for (const offset of [56, 66, 68, 124]) memory.write(offset, 2, 0)
  expect(heard).toEqual([])
  memory.write(65, 1, 0)
  memory.write(60, 4, 0)
  memory.writeBytes(0, new Uint8Array(61))
  expect(heard).toEqual([
    [BASE + 65, 1],
    [BASE + 60, 4],
    [BASE, 61],
  ])
})

it('reports no writes to code that was forgotten', () => {
  const { memory, heard } = listening(LINE_CODE)
  memory.flagCode(BASE + 4, 4)
  memory.unflagCode(BASE, 4)
  memory.write(4, 4, 0)
  memory.flagCode(BASE + 8, 4)
  memory.write(4, 4, 0)
  expect(heard).toEqual([])
})
