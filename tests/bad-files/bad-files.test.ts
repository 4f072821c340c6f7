/** The short form of the campaign: a bad file is used as far as it makes sense, or refused in one sentence. */
import { describe, expect, it } from 'vitest'
import { randomFrom } from '../sim/accel/rig.ts'
import { kinds, refusal } from './kinds.ts'

const CASES = 150

describe.each(Object.entries(kinds))('%s', (_, open) => {
  it(`${CASES} bad files`, async () => {
    const kind = await open()
    let refused = 0
    for (let seed = 1; seed <= CASES; seed++) {
      if ((await refusal(kind, kind.make(randomFrom(seed)))) !== undefined) refused++
    }
    expect(refused).toBeGreaterThan(CASES / 2)
  })
})
