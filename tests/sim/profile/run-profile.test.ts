import { describe, expect, test } from 'vitest'
import { buildProgram, canBuildHosted, programSoc } from '../../../programs/build.ts'
import { type ProgramRow, programs } from '../../../programs/programs.ts'
import { acceleratorFactories } from '../../../sim/cli/accelerator-factories.ts'
import { deviceRegisterTables } from '../../../sim/cli/device-register-tables.ts'
import { ConsoleInput } from '../../../sim/console-input.ts'
import { timingModels } from '../../../sim/cpu/timing/models.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import { Machine } from '../../../sim/machine.ts'
import { causes } from '../../../sim/profile/cause.ts'
import { CycleProfiler } from '../../../sim/profile/cycle-profiler.ts'
import { type RunProfile, runProfile } from '../../../sim/profile/run-profile.ts'
import { programInput } from '../../programs/firmware.ts'

const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0)
const MOST_INSTRUCTIONS = 1_000_000

/** Runs one of the programs under a profiler, and again without. */
async function profiled(row: ProgramRow, cpu?: string) {
  const soc = programSoc(row.name)
  const image = await loadElf(await buildProgram(row), row.name)
  const accelerators = await acceleratorFactories(soc, 'fast')
  const make = (probes: readonly CycleProfiler[]) => {
    const input = new ConsoleInput(programInput(row.name))
    const machine = new Machine(soc, { accelerators, input, probes, ...(cpu !== undefined && { cpu }) })
    machine.load(image)
    return machine
  }
  const profiler = new CycleProfiler(() => machine, await deviceRegisterTables(soc))
  const machine: Machine = make([profiler])
  const result = machine.run({ maxInstructions: MOST_INSTRUCTIONS })
  profiler.finish()
  const alone = make([]).run({ maxInstructions: MOST_INSTRUCTIONS })
  expect([result.cycles, result.instructions, result.console]).toEqual([
    alone.cycles,
    alone.instructions,
    alone.console,
  ])
  return { machine, result, profiler, profile: runProfile(profiler, machine.debugInfo) }
}

function expectExactSums(
  profile: RunProfile,
  result: { readonly cycles: number; readonly instructions: number },
): void {
  expect([profile.cycles, profile.instructions]).toEqual([result.cycles, result.instructions])
  expect(sum(profile.functions.map(({ cycles }) => cycles))).toBe(result.cycles)
  expect(sum(profile.functions.map(({ instructions }) => instructions))).toBe(result.instructions)
  for (const { cycles, causes } of [profile, ...profile.functions, ...profile.lines]) {
    expect(sum(Object.values(causes))).toBe(cycles)
    expect(Math.min(...Object.values(causes))).toBeGreaterThanOrEqual(0)
  }
  for (const { name } of causes) {
    expect(sum(profile.functions.map((one) => one.causes[name]))).toBe(profile.causes[name])
  }
  for (const { cycles, instructions, totalCycles, totalInstructions } of profile.functions) {
    expect(totalCycles).toBeGreaterThanOrEqual(cycles)
    expect(totalInstructions).toBeGreaterThanOrEqual(instructions)
  }
}

const program = (name: string) => programs.find((row) => row.name === name)!

describe('a profile adds up', () => {
  const ofProgram = async (row: ProgramRow) => {
    const { profile, result, profiler } = await profiled(row)
    expectExactSums(profile, result)
    // What roots cost with all that they called is the whole run.
    expect(sum(profiler.nodeCycles.filter((one) => one !== undefined))).toBe(result.cycles)
  }
  test.each(programs.filter((row) => !row.picolibc))('of the program $name', ofProgram)
  test.skipIf(!canBuildHosted()).each(programs.filter((row) => row.picolibc))(
    'of the program $name, where riscv64-unknown-elf-gcc and picolibc are installed',
    ofProgram,
  )

  test.each(timingModels.map(({ name }) => name))('with the timing of %s', async (cpu) => {
    const { profile, result } = await profiled(program('user-mode'), cpu)
    expectExactSums(profile, result)
    if (cpu === 'ideal') {
      const { execute, trap } = profile.causes
      expect(execute + trap).toBe(profile.cycles)
      expect(execute).toBe(profile.instructions)
    }
  })
})

describe('a profile says', () => {
  test('what waits for loads, in the words of each timing model', async () => {
    const { profile: small } = await profiled(program('nested-interrupts'), 'ibex')
    const { profile: fast } = await profiled(program('nested-interrupts'), 'ibex-maxperf')
    // The small Ibex waits in the load itself, a cycle each; the other only where the next instruction wants the value.
    const accesses = small.memory.reduce((all, { loads, stores }) => all + loads + stores, 0)
    expect([small.causes.hazard, small.causes.memory]).toEqual([0, accesses])
    expect(fast.causes.memory).toBe(0)
    expect(fast.causes.hazard).toBeGreaterThan(0)
  })

  test('on which source lines, and that they add up to what functions with lines took', async () => {
    const { profile } = await profiled(program('hello'))
    expect(profile.lines.some(({ file }) => file === 'programs/hello/hello.c')).toBe(true)
    expect(sum(profile.lines.map(({ cycles }) => cycles))).toBeLessThanOrEqual(profile.cycles)
    const main = profile.functions.find(({ name }) => name === 'main')!
    expect(main.place?.file).toBe('programs/hello/hello.c')
    expect(main.calls).toBe(1)
  })

  test('which registers were accessed, as often as the device saw it', async () => {
    const { profile, result } = await profiled(program('hello'))
    const sent = profile.devices.find(({ device, register }) => device === 'uart0' && /thr/.test(register))!
    expect(sent.writes).toBe(result.console.length)
    const uart = profile.memory.find(({ region }) => region === 'uart0')!
    expect(uart.stores).toBe(
      sum(profile.devices.filter(({ device }) => device === 'uart0').map(({ writes }) => writes)),
    )
    expect(uart.loads).toBe(sum(profile.devices.filter(({ device }) => device === 'uart0').map(({ reads }) => reads)))
  })

  test('how long the hart stood still for the accelerator, and who did', async () => {
    const { profile, machine } = await profiled(program('dma-copy'))
    expect(profile.causes.accelerator).toBeGreaterThan(0)
    expect(profile.causes.contention).toBe(machine.bus.hartAccesses)
    const waits = profile.functions.filter(({ causes }) => causes.accelerator > 0).map(({ name }) => name)
    expect(waits.length).toBe(1)
  })
})
