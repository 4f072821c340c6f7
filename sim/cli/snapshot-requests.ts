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
 * or later. Those that the run does not reach are not taken.
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
  for (const { cycle, file } of [...requests].sort((a, b) => a.cycle - b.cycle)) {
    if (cycle > maxCycles) break
    const result = await run({ ...limits, maxCycles: cycle })
    if (result.reason !== 'limit' || result.cycles < cycle) return result
    const { writeSnapshot } = await import('./write-snapshot.ts')
    writeSnapshot(machine, file)
  }
  return await run(limits)
}
