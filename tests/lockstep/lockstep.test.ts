import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { timingModels } from '../../sim/cpu/timing/models.ts'
import { loadElf } from '../../sim/elf/load.ts'
import { sharedPath } from '../shared.ts'
import { compareEngines } from './compare-engines.ts'
import { imageMachines, randomMachines } from './machines.ts'
import { Random } from './random.ts'

/** The short form of `npm run test:lockstep`. */
describe('interpreter and translator', () => {
  it.each(timingModels.map(({ name }) => name))(
    'are in the same state at every stop of random programs on %s',
    (cpu) => {
      let modules = 0
      for (let seed = 1; seed <= 3; seed++) {
        const random = new Random(seed)
        const make = randomMachines(random, cpu)
        modules += compareEngines({ make, random, instructions: 20_000, span: 1000 }).modules
      }
      expect(modules).toBeGreaterThan(0)
    },
  )

  it.each(['quicksort.rv32imc', 'randmix3.rv32im', 'numth.rv32im'])(
    'are in the same state at every stop of %s',
    async (name) => {
      const path = sharedPath(`timing/elf/${name}.elf`)
      if (path === undefined) return console.warn('../shared/timing is not there: not compared')
      const image = await loadElf(readFileSync(path), name)
      const make = imageMachines(image, 'cv32e40p')
      const result = compareEngines({ make, random: new Random(1), instructions: 1e6, span: 700 })
      expect(result.modules).toBeGreaterThan(0)
      expect(result.reason).toBe('exit')
    },
  )
})
