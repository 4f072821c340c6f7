import { describe, expect, it } from 'vitest'
import { csrRows } from '../../sim/cpu/csr/rows.ts'
import { instructionTable } from '../../sim/cpu/instructions/table.ts'
import { checkBatch, formatFailure } from './check-batch.ts'
import { findDifference } from './compare.ts'
import { controlRules } from './differences.ts'
import { BATCH, generateBatch, instructionSets } from './generate.ts'
import { batchImage } from './harness.ts'
import { DATA, LOG, LOG_ENTRY, MOST_TRAPS, REGISTERS, RESULTS, SLOT_BYTES, TRAPS } from './layout.ts'
import { runPlatform } from './platform.ts'
import { qemuVersion } from './qemu.ts'

/** The short form of `npm run test:fuzz`: a batch for every instruction set. */
const PROGRAMS = 8
const version = qemuVersion()

describe.skipIf(version === undefined)(`random programs end as in QEMU (needs qemu-system-riscv32)`, () => {
  it.each(instructionSets.map((isa, index) => [isa, index] as const))('%s', (isa, index) => {
    // The last ones of a batch: the very last locks PMP entries.
    const batch = generateBatch(7, (index + 1) * BATCH - PROGRAMS, PROGRAMS)
    expect(batch.isa).toBe(isa)
    const report = checkBatch(batch)
    expect(report.failures.map(formatFailure)).toEqual([])
    expect(report.modules).toBeGreaterThan(0)
  })
})

describe('the campaign itself', () => {
  const batch = generateBatch(1, 0, 4)
  const image = batchImage(batch.programs, true)
  const run = () => runPlatform(image, batch.isa, 'interpreter')!.memory

  it('makes the same programs of the same seed', () => {
    expect(batchImage(generateBatch(1, 0, 4).programs, true)).toEqual(image)
    expect(batchImage(generateBatch(2, 0, 4).programs, true)).not.toEqual(image)
  })

  const difference = (theirs: Uint8Array) => findDifference(batch.programs[1]!, 1, { ours: run(), theirs })

  it('sees a difference in data, in traps and in registers', () => {
    expect(difference(run())).toBeUndefined()
    for (const [offset, what] of [
      [DATA + 8, 'data at 0x00003008'],
      [RESULTS + TRAPS, 'number of traps'],
      [RESULTS + REGISTERS + 4 * 7, 'x7'],
    ] as const) {
      const changed = Uint8Array.from(run())
      changed[SLOT_BYTES + offset]! ^= 1
      expect(difference(changed)).toContain(what)
    }
  })

  it('tells how to see a difference again, and shows the smallest program that has it', () => {
    const { programs, isa } = generateBatch(3, 7, 1)
    const wanted = programs[0]!.units.find(({ name }) => name === 'compute')!.code
    // A reference that takes this one unit for something else.
    const reference = (bytes: Uint8Array) => {
      const { memory } = runPlatform(bytes, isa, 'interpreter')!
      const has = Buffer.from(bytes).includes(Buffer.from(Uint16Array.from(wanted.halves).buffer))
      if (has) memory[RESULTS + REGISTERS + 4 * 7]! ^= 1
      return memory
    }
    const { failures } = checkBatch(generateBatch(3, 7, 1), reference)
    expect(failures.map(({ program }) => program.units.map(({ name }) => name))).toEqual([['compute']])
    const lines = formatFailure(failures[0]!).split('\n')
    expect(lines[0]).toMatch(
      /^seed 3, program 7, rv32imac_zba_zbb_zbs: x7 is 0x.* here and 0x.* in QEMU \(interpreter\)$/,
    )
    expect(lines[1]).toBe('  again: npm run test:fuzz -- --seed 3 --first 7 --programs 1')
  })

  it('has instructions of every extension and all kinds of traps among its programs', () => {
    const causes = new Set<number>()
    for (const index of instructionSets.keys()) {
      const { isa, programs } = generateBatch(1, index * BATCH, 15)
      const { memory } = runPlatform(batchImage(programs, /^rv32[a-z]*c/.test(isa)), isa, 'interpreter')!
      const words = new Uint32Array(Uint8Array.from(memory).buffer)
      for (let slot = 0; slot < programs.length; slot++) {
        const results = (slot * SLOT_BYTES + RESULTS) / 4
        const traps = Math.min(words[results + TRAPS / 4]!, MOST_TRAPS)
        for (let entry = 0; entry < traps; entry++) causes.add(words[results + (LOG + entry * LOG_ENTRY) / 4]!)
      }
    }
    const interrupts = [0x8000_0003, 0x8000_0007, 0x8000_000b]
    expect([...causes].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 11, ...interrupts])
  })

  it('knows every register it has a rule for', () => {
    const names = new Set(csrRows.map(({ name }) => name))
    expect([...controlRules.keys()].filter((name) => !names.has(name))).toEqual([])
    expect(instructionTable.length).toBeGreaterThan(80)
  })
})
