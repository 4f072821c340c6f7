import { InvalidArgumentError } from 'commander'
import type { Machine } from '../machine.ts'
import type { RunLimits, RunResult } from '../run-result.ts'

/** A snapshot to take on the way. */
export interface SnapshotRequest {
  readonly cycle: number
  readonly file: string
}

/** Value of a repeatable option `--snapshot-at CYCLE=FILE`. */
export function parseSnapshotAt(text: string, before: readonly SnapshotRequest[] = []): readonly SnapshotRequest[] {
  const equals = text.indexOf('=')
  const cycle = Number(text.slice(0, equals))
  const file = text.slice(equals + 1)
  if (equals < 1 || file === '' || !Number.isSafeInteger(cycle) || cycle < 0) {
    throw new InvalidArgumentError('It must look like 1000000=state.snap.')
  }
  return [...before, { cycle, file }]
}

/**
 * Runs a machine and takes the snapshots when their cycles are reached: before the first instruction that starts then
 * or later. Those that the run does not reach are not taken, and told.
 *
 * @param run runs the machine up to limits
 */
export async function runTakingSnapshots(
  machine: Machine,
  run: (limits: RunLimits) => Promise<RunResult>,
  limits: RunLimits,
  requests: readonly SnapshotRequest[],
): Promise<RunResult> {
  const { maxCycles = Number.POSITIVE_INFINITY } = limits
  const left = [...requests].sort((a, b) => a.cycle - b.cycle)
  while (left.length > 0 && left[0]!.cycle <= maxCycles) {
    const { cycle, file } = left[0]!
    const result = await run({ ...limits, maxCycles: cycle })
    if (result.reason !== 'limit' || result.cycles < cycle) return sayMissed(left, result)
    const { writeSnapshot } = await import('./write-snapshot.ts')
    writeSnapshot(machine, file)
    left.shift()
  }
  return sayMissed(left, await run(limits))
}

function sayMissed(requests: readonly SnapshotRequest[], result: RunResult): RunResult {
  for (const { cycle, file } of requests) {
    process.stderr.write(`sim: ${file} was not written: the run ended at cycle ${result.cycles}, before ${cycle}\n`)
  }
  return result
}
