import { describe, expect, it } from 'vitest'
import type { Storage } from '../../../compiler/schedule/program.ts'
import {
  allocate,
  claim,
  emptyScratchpads,
  release,
  type ScratchpadState,
} from '../../../compiler/schedule/scratchpads.ts'

const memories = { act: { bytes: 100, portBytes: 16, banks: 1, doc: '' } }
const piece = (bytes: number, alignment = 1): Storage => ({ name: 'piece', memory: 'act', bytes, alignment })
const place = (state: ScratchpadState, storage: Storage, now = 0) => {
  const found = allocate(state, storage, now)
  if (found === undefined) throw new Error('no room')
  return found
}

describe('scratchpad allocation', () => {
  it('takes the lowest address when nothing speaks against it', () => {
    const first = place(emptyScratchpads(memories), piece(40))
    const second = place(first.state, piece(40))
    expect([first.address, second.address]).toEqual([0, 40])
    expect(allocate(second.state, piece(21), 0)).toBeUndefined()
  })

  it('alternates buffers: what was in use until a moment ago is taken last', () => {
    const a = piece(40)
    const first = place(emptyScratchpads(memories), a)
    const busyUntil50 = release(first.state, a, 50)
    expect(place(busyUntil50, piece(40), 10).address).toBe(40)
    // Once that time has passed, the place is as good as any other.
    expect(place(busyUntil50, piece(40), 50).address).toBe(0)
  })

  it('joins what is free again', () => {
    const [a, b] = [piece(50), piece(50)]
    const full = claim(claim(emptyScratchpads(memories), a, 0), b, 50)
    expect(allocate(full, piece(1), 0)).toBeUndefined()
    expect(place(release(release(full, a, 5), b, 9), piece(100), 0).address).toBe(0)
  })

  it('aligns to any number', () => {
    const first = place(emptyScratchpads(memories), piece(5))
    expect(place(first.state, piece(10, 12)).address).toBe(12)
  })

  it('leaves the state that it started from as it was', () => {
    const empty = emptyScratchpads(memories)
    place(empty, piece(100))
    expect(place(empty, piece(100)).address).toBe(0)
  })
})
