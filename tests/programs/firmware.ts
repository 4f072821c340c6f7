import { existsSync, readFileSync } from 'node:fs'
import { buildProgram, programFile, programSoc } from '../../programs/build.ts'
import type { ProgramRow } from '../../programs/programs.ts'
import { acceleratorFactories } from '../../sim/cli/accelerator-factories.ts'
import { ConsoleInput } from '../../sim/console-input.ts'
import { loadElf } from '../../sim/elf/load.ts'
import { Machine, type MachineOptions } from '../../sim/machine.ts'
import type { RunResult } from '../../sim/run-result.ts'

const MOST_INSTRUCTIONS = 5_000_000

/** What a program is given on its console; empty when its folder says nothing. */
export function programInput(name: string): Uint8Array {
  const file = programFile(name, 'input.txt')
  return existsSync(file) ? readFileSync(file) : new Uint8Array(0)
}

/** What its console must show. */
export const expectedConsole = (name: string) => readFileSync(programFile(name, 'expected.txt'), 'utf8')

/** Builds a program and runs it to its end on its SoC, with its input. */
export async function runProgram(row: ProgramRow, isa?: string, faults?: MachineOptions['faults']): Promise<RunResult> {
  const soc = programSoc(row.name)
  const machine = new Machine(soc, {
    accelerators: await acceleratorFactories(soc, 'fast'),
    input: new ConsoleInput(programInput(row.name)),
    ...(isa === undefined ? {} : { isa }),
    ...(faults && { faults }),
  })
  machine.load(await loadElf(await buildProgram(row, isa), row.name))
  return machine.run({ maxInstructions: MOST_INSTRUCTIONS })
}
