import type { NetworkMap } from '../debug-info/network-map.ts'
import { kindOf, type TimedCommand } from './timed-command.ts'

/** What the computing unit waits for while it does not compute. */
export const waitReasons = ['weights', 'activations', 'store', 'commands', 'output'] as const
export type WaitReason = (typeof waitReasons)[number]
export type Waits = Readonly<Record<WaitReason, number>>

/** A time in which nothing is computed, and why. */
export interface ComputeGap {
  readonly from: number
  readonly until: number
  readonly reason: WaitReason
  /** Index in the stream of the command that comes next; infinite at the end. */
  readonly next: number
}

/**
 * The gaps between computing commands, up to `end`. A command starts when the last thing that it waited for is there:
 * the transfer that finished last before it did (weights when that read constants of the network), or, when it came
 * into its queue later than that, the command itself.
 */
export function computeGaps(
  commands: readonly TimedCommand[],
  network: NetworkMap | undefined,
  end: number,
): ComputeGap[] {
  const computing = commands.filter((one) => kindOf(one) === 'compute').sort((a, b) => a.started - b.started)
  const transfers = commands.filter((one) => kindOf(one) !== 'compute').sort((a, b) => a.finished - b.finished)
  const constants = constantFinder(network)
  const gaps: ComputeGap[] = []
  let free = 0
  let position = 0
  let last: TimedCommand | undefined
  for (const one of computing) {
    while (position < transfers.length && transfers[position]!.finished <= one.started) last = transfers[position++]
    if (one.started > free) {
      const reason = reasonOf(one, last, free, constants)
      gaps.push({ from: free, until: one.started, reason, next: one.command.index })
    }
    free = Math.max(free, one.finished)
  }
  if (end > free) gaps.push({ from: free, until: end, reason: 'output', next: Number.POSITIVE_INFINITY })
  return gaps
}

function reasonOf(
  one: TimedCommand,
  last: TimedCommand | undefined,
  free: number,
  isConstant: (address: number) => boolean,
): WaitReason {
  if (last === undefined || last.finished <= free || one.queued > last.finished) return 'commands'
  if (kindOf(last) === 'dmaOut') return 'store'
  const source = last.command.regions.find(({ memory }) => memory === 'ram')!
  return isConstant(source.start) ? 'weights' : 'activations'
}

/** Whether an address is in read-only data of the network; without a map nothing is known to be. */
function constantFinder(network: NetworkMap | undefined): (address: number) => boolean {
  const constants = (network?.tensors ?? []).filter(({ constant }) => constant)
  return (at) => constants.some(({ address, bytes }) => at >= address && at < address + bytes)
}
