import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadElf } from '../../sim/elf/load.ts'
import { Machine } from '../../sim/machine.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { sharedPath } from '../shared.ts'

/** The programs whose cycles were measured on RTL: here their results count, for every instruction set. */
const folder = sharedPath('timing/elf')
const programs = sharedPath('timing/programs.csv')

if (folder === undefined || programs === undefined)
  it.skip('needs the shared folder timing/ beside the repository', () => {})
else {
  const lines = readFileSync(programs, 'utf8').trim().split('\n').slice(1)
  const checks = new Map(lines.map((line) => line.split(',')).map(([name, , check]) => [name, check]))
  describe.each(['rv32im', 'rv32imc'])('%s', (isa) => {
    const files = readdirSync(folder).filter((file) => file.endsWith(`.${isa}.elf`))
    it.each(files)('%s computes its check value', async (file) => {
      const machine = new Machine(defaultSoc, { isa, misaligned: 'hardware' })
      machine.load(await loadElf(readFileSync(`${folder}/${file}`), file))
      const { reason, exitCode, checks: found } = machine.run({ maxInstructions: 10_000_000 })
      expect({ reason, exitCode, found }).toEqual({
        reason: 'exit',
        exitCode: 0,
        found: [checks.get(file.split('.')[0]!)],
      })
    })
  })
}
