import { type Command, InvalidArgumentError } from 'commander'
import { UserError } from '../diagnostic.ts'
import type { Fault } from '../inject/fault.ts'
import type { MachineOptions } from '../machine.ts'

export interface InjectArguments {
  readonly inject?: readonly string[]
  readonly seed?: number
}

export function addInjectOptions(command: Command): void {
  command
    .option(
      '--inject <fault>',
      'make hardware misbehave (can be repeated): flip, flip-dma, stuck, drop-irq, delay-irq, bus-error; e.g. stuck:unit=load,at=5000',
      (spec: string, all: readonly string[] = []) => [...all, spec],
    )
    .option('--seed <n>', 'what random faults are drawn from; default: 1', wholeNumber)
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text)))
    throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}

/** The faults to inject, as the machine takes them. @throws UserError when a fault is malformed, or there is none to draw */
export async function machineFaults({ inject = [], seed }: InjectArguments): Promise<Pick<MachineOptions, 'faults'>> {
  if (inject.length === 0 && seed !== undefined) {
    throw new UserError(
      'inject-nothing',
      '--seed draws random faults, and none are to be injected',
      'add --inject FAULT',
    )
  }
  if (inject.length === 0) return {}
  const { parseFault } = await import('../inject/parse.ts')
  const faults: readonly Fault[] = inject.map(parseFault)
  return { faults: { inject: faults, seed: seed ?? 1 } }
}

/** Says which of the faults have not happened: a range or a cycle that was never reached proves nothing. */
export function sayIdle({ inject = [] }: InjectArguments, idle: readonly number[]): void {
  for (const position of idle) process.stderr.write(`sim: --inject ${inject[position]} never happened\n`)
}
