/**
 * Gives bad files of every kind to what reads them: `npm run test:fuzz:files [-- cases [seed [kind]]]`. Ends at the first
 * one that is neither used nor refused in one sentence, or that takes long.
 */
import { randomFrom } from '../sim/accel/rig.ts'
import { kinds, refusal } from './kinds.ts'

const LONG_MS = 5000

const [cases = 100_000, seed = 20_261_122] = process.argv.slice(2, 4).map(Number)
const wanted = process.argv[4]

for (const [name, open] of Object.entries(kinds)) {
  if (wanted !== undefined && name !== wanted) continue
  const kind = await open()
  const begin = performance.now()
  let refused = 0
  let longest = 0
  for (let index = 0; index < cases; index++) {
    const start = performance.now()
    try {
      if ((await refusal(kind, kind.make(randomFrom(seed + index)))) !== undefined) refused++
    } catch (error) {
      console.error(`${name}, case ${index} of seed ${seed} (seed ${seed + index} alone):`)
      throw error
    }
    longest = Math.max(longest, performance.now() - start)
    if (longest > LONG_MS) throw new Error(`${name}: seed ${seed + index} took ${(longest / 1000).toFixed(1)} s`)
  }
  const seconds = ((performance.now() - begin) / 1000).toFixed(0)
  console.log(
    `${name}: ${cases} bad files, ${refused} refused, the others used, longest ${longest.toFixed(0)} ms, ${seconds} s`,
  )
}
