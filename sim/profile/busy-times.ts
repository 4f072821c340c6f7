import type { CycleSplit } from './inference-profile.ts'

/** What keeps something busy, from when until when. */
export interface BusySpan {
  readonly what: 'compute' | 'dmaIn' | 'dmaOut' | 'wait'
  readonly from: number
  readonly until: number
}

/** Spans in one list of instants, ascending, with what begins or ends there. */
export class BusyTimes {
  private readonly steps: { readonly at: number; readonly what: BusySpan['what']; readonly by: 1 | -1 }[]

  constructor(spans: readonly BusySpan[]) {
    this.steps = spans
      .filter(({ from, until }) => until > from)
      .flatMap(({ what, from, until }) => [
        { at: from, what, by: 1 as const },
        { at: until, what, by: -1 as const },
      ])
      .sort((a, b) => a.at - b.at)
  }

  /**
   * Cuts time at `cuts` (ascending) and says for each piece what its cycles went to: computing if anything computed,
   * else transfers, else the hart if it was not waiting, else nothing.
   */
  split(cuts: readonly number[]): CycleSplit[] {
    const busy = { compute: 0, dmaIn: 0, dmaOut: 0, wait: 0 }
    let next = 0
    const takeUntil = (at: number) => {
      for (; next < this.steps.length && this.steps[next]!.at <= at; next++) {
        const { what, by } = this.steps[next]!
        busy[what] += by
      }
    }
    return cuts.slice(1).map((until, piece) => {
      const split = { compute: 0, dmaIn: 0, dmaOut: 0, cpu: 0, idle: 0 }
      let at = cuts[piece]!
      takeUntil(at)
      while (at < until) {
        const end = Math.min(until, this.steps[next]?.at ?? until)
        split[activityOf(busy)] += end - at
        at = end
        takeUntil(at)
      }
      return split
    })
  }
}

function activityOf(busy: Readonly<Record<BusySpan['what'], number>>): keyof CycleSplit {
  if (busy.compute > 0) return 'compute'
  if (busy.dmaIn > 0) return 'dmaIn'
  if (busy.dmaOut > 0) return 'dmaOut'
  return busy.wait > 0 ? 'idle' : 'cpu'
}
