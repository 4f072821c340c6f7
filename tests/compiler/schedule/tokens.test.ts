import { describe, expect, it } from 'vitest'
import { Dependencies } from '../../../compiler/schedule/dependencies.ts'
import { type Footprint, footprintOf } from '../../../compiler/schedule/overlap.ts'
import { findTokenFault, type TokenedCommand } from '../../../compiler/schedule/verify-tokens.ts'
import { Random } from '../../runtime-c/random.ts'

const [LOAD, COMPUTE, STORE] = [0, 1, 2] as const
const UNITS = 3

interface Step {
  readonly unit: number
  readonly reads?: readonly number[]
  readonly writes?: readonly number[]
}

/** Numbers stand for buffers of one byte. */
function footprint({ reads = [], writes = [] }: Step): Footprint {
  const touch = (access: 'read' | 'write') => (start: number) => ({ memory: 'act', access, start, bytes: 1 })
  return footprintOf([...reads.map(touch('read')), ...writes.map(touch('write'))])
}

/** The program with the tokens that its dependencies ask for. */
function withTokens(steps: readonly Step[]): TokenedCommand[] {
  const dependencies = new Dependencies(UNITS)
  const program = steps.map((step) => ({
    unit: step.unit,
    wait: 0,
    signal: 0,
    footprint: footprint(step),
    barrier: false,
  }))
  for (const command of program)
    for (const { unit, command: earlier } of dependencies.add(command.unit, command.footprint)) {
      command.wait |= 1 << unit
      program[earlier]!.signal |= 1 << command.unit
    }
  return program
}

const text = (program: readonly TokenedCommand[]) =>
  program.map(
    ({ unit, wait, signal }) =>
      `${'LCS'[unit]}${wait === 0 ? '' : ` after ${wait}`}${signal === 0 ? '' : ` then ${signal}`}`,
  )

/** Load, compute and store of tile `i`, in buffer `i % buffers`; outputs in buffers from 10 on. */
const tiles = (count: number, buffers: number): Step[] =>
  Array.from({ length: count }, (_, i): Step[] => [
    { unit: LOAD, writes: [i % buffers] },
    { unit: COMPUTE, reads: [i % buffers], writes: [10 + (i % buffers)] },
    { unit: STORE, reads: [10 + (i % buffers)] },
  ]).flat()

describe('tokens', () => {
  it('follow from the bytes that commands touch', () => {
    expect(text(withTokens(tiles(1, 1)))).toEqual(['L then 2', 'C after 1 then 4', 'S after 2'])
  })

  it('let a transfer run ahead when buffers alternate', () => {
    const single = withTokens(tiles(4, 1))
    const double = withTokens(tiles(4, 2))
    // With one buffer, every load but the first waits for the tile before; with two, the second is free as well.
    expect(single.filter(({ unit, wait }) => unit === LOAD && wait === 0)).toHaveLength(1)
    expect(double.filter(({ unit, wait }) => unit === LOAD && wait === 0)).toHaveLength(2)
  })

  it('are not spent on what another token covers already', () => {
    // The store waits for the computation, which has waited for the load: the load gives one token only.
    const program = withTokens([
      { unit: LOAD, writes: [0] },
      { unit: COMPUTE, reads: [0], writes: [1] },
      { unit: STORE, reads: [0, 1] },
    ])
    expect(text(program)).toEqual(['L then 2', 'C after 1 then 4', 'S after 2'])
  })

  it('are not needed across a wait of the controller', () => {
    const dependencies = new Dependencies(UNITS)
    dependencies.add(LOAD, footprint({ unit: LOAD, writes: [0] }))
    dependencies.barrier()
    expect(dependencies.add(COMPUTE, footprint({ unit: COMPUTE, reads: [0] }))).toEqual([])
  })

  it('are the same after commands were tried and taken back', () => {
    const steps = tiles(6, 2).map((step) => ({ unit: step.unit, footprint: footprint(step) }))
    const fresh = new Dependencies(UNITS)
    const tried = new Dependencies(UNITS)
    for (const { unit, footprint: touched } of steps) {
      const before = tried.length
      for (const other of steps.slice(0, 4)) tried.add(other.unit, other.footprint)
      tried.truncate(before)
      expect(tried.add(unit, touched)).toEqual(fresh.add(unit, touched))
    }
  })
})

/** A program over a few buffers where everything depends on everything. */
function randomProgram(seed: number): TokenedCommand[] {
  const r = new Random(seed)
  const buffers = () => Array.from({ length: r.int(0, 2) }, () => r.int(0, 5))
  return withTokens(Array.from({ length: 30 }, () => ({ unit: r.int(0, 2), reads: buffers(), writes: buffers() })))
}

describe('the checker of tokens', () => {
  it('accepts what the pass makes of random programs', () => {
    for (let seed = 0; seed < 300; seed++) expect(findTokenFault(randomProgram(seed), UNITS)).toBeUndefined()
  })

  it('finds every token that is left out', () => {
    let dropped = 0
    for (let seed = 0; seed < 60; seed++) {
      const program = randomProgram(seed)
      for (const [index, command] of program.entries())
        for (let unit = 0; unit < UNITS; unit++) {
          if (((command.wait >> unit) & 1) === 0) continue
          const without = program.with(index, { ...command, wait: command.wait & ~(1 << unit) })
          expect(findTokenFault(without, UNITS), `seed ${seed}, command ${index}`).toBeDefined()
          dropped++
        }
    }
    expect(dropped).toBeGreaterThan(300)
  })

  it('says which two commands are in danger', () => {
    const program = withTokens(tiles(1, 1)).map((command) => ({ ...command, wait: 0, signal: 0 }))
    expect(findTokenFault(program, UNITS)).toEqual({
      earlier: 0,
      later: 1,
      message: 'touch the same bytes and nothing orders them',
    })
  })

  it('finds tokens that never come and tokens that nobody takes', () => {
    const lonely = { unit: COMPUTE, footprint: footprintOf([]), barrier: false }
    expect(findTokenFault([{ ...lonely, wait: 1, signal: 0 }], UNITS)?.message).toContain(
      'which no earlier command gives',
    )
    expect(findTokenFault([{ ...lonely, wait: 0, signal: 1 }], UNITS)?.message).toContain('nobody takes')
  })
})
