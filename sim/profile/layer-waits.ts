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
 * The gaps between computing commands, up to `end`. A command starts when the last thing that it waited for is there: a
 * transfer or, when it came into its queue later than that, the command itself. While it waits for transfers in, what
 * is on its way counts: weights when it comes from constants of the network.
 */
export function computeGaps(
  commands: readonly TimedCommand[],
  network: NetworkMap | undefined,
  end: number,
): ComputeGap[] {
  const computing = commands.filter((one) => kindOf(one) === 'compute').sort((a, b) => a.started - b.started)
  const transfers = commands.filter((one) => kindOf(one) !== 'compute').sort((a, b) => a.finished - b.finished)
  const isConstant = constantFinder(network)
  const loaded = (one: TimedCommand): WaitReason =>
    isConstant(one.command.regions.find(({ memory }) => memory === 'ram')!.start) ? 'weights' : 'activations'
  const gaps: ComputeGap[] = []
  let free = 0
  let position = 0
  for (const one of computing) {
    const before = position
    while (position < transfers.length && transfers[position]!.finished <= one.started) position++
    const last = transfers[position - 1]
    const next = one.command.index
    if (one.started > free) {
      if (last === undefined || last.finished <= free || one.queued > last.finished) {
        gaps.push({ from: free, until: one.started, reason: 'commands', next })
      } else if (kindOf(last) === 'dmaOut') gaps.push({ from: free, until: one.started, reason: 'store', next })
      else
        gaps.push(...waitsForLoads(transfers.slice(before, position), { from: free, until: one.started, next }, loaded))
    }
    free = Math.max(free, one.finished)
  }
  if (end > free) gaps.push({ from: free, until: end, reason: 'output', next: Number.POSITIVE_INFINITY })
  return gaps
}

/** Cuts a gap by the transfers in that ran in it; before the first comes into its queue, there is no command for it. */
function waitsForLoads(
  transfers: readonly TimedCommand[],
  { from, until, next }: Omit<ComputeGap, 'reason'>,
  loaded: (one: TimedCommand) => WaitReason,
): ComputeGap[] {
  const pieces: ComputeGap[] = []
  let at = from
  const piece = (to: number, reason: WaitReason) => {
    if (to > at) pieces.push({ from: at, until: to, reason, next })
    at = Math.max(at, to)
  }
  const loads = transfers.filter((one) => kindOf(one) === 'dmaIn')
  for (const one of loads) {
    piece(Math.min(one.queued, one.started), 'commands')
    piece(one.finished, loaded(one))
  }
  // The unit takes its tokens at once; what is left belongs to the last.
  piece(until, loaded(loads.at(-1)!))
  return pieces
}

/** Whether an address is in read-only data of the network; without a map nothing is known to be. */
function constantFinder(network: NetworkMap | undefined): (address: number) => boolean {
  const constants = (network?.tensors ?? []).filter(({ constant }) => constant)
  return (at) => constants.some(({ address, bytes }) => at >= address && at < address + bytes)
}
