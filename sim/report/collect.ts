/** Follows a run for a report: the profiles' collectors, and what only a timeline shows. */
import type { Probe } from '../probe/probe.ts'
import { CycleProfiler, type ProfiledMachine, type Window } from '../profile/cycle-profiler.ts'
import type { DeviceRegisters } from '../profile/device-accesses.ts'
import { InferenceProfiler } from '../profile/inference-profiler.ts'
import { CallSpans } from './call-spans.ts'

interface CollectorOptions {
  /** What is followed, once it is there. */
  readonly machine: () => ProfiledMachine
  /** Registers of its devices. */
  readonly registers: DeviceRegisters
  /** Name of the block of region markers. */
  readonly markers: string | undefined
  /** The part of the run to show; when absent, the first region that firmware marks, else all. */
  readonly window?: Window | undefined
}

/** How many tokens are on their way from one unit to another from an instant on. */
export interface TokenCount {
  readonly from: string
  readonly to: string
  readonly count: number
  readonly at: number
}

export class ReportCollector {
  readonly inference: InferenceProfiler
  readonly cycles: CycleProfiler
  readonly calls: CallSpans
  readonly tokens: TokenCount[] = []
  readonly traps: { readonly cause: number; readonly from: number; until: number }[] = []
  /** To give to the machine. */
  readonly probes: readonly Probe[]

  constructor({ machine, registers, markers, window }: CollectorOptions) {
    this.calls = new CallSpans(() => this.cycles.stack.tree)
    this.cycles = new CycleProfiler(machine, registers, {
      window,
      moved: (node, at) => this.calls.moveTo(node, at),
    })
    const narrow = {
      begins: (at: number) => {
        this.cycles.begin(at)
        this.calls.forget()
      },
      ends: (at: number) => this.cycles.end(at),
    }
    this.inference = new InferenceProfiler(markers, window === undefined ? narrow : undefined)
    const others: Probe = {
      trap: ({ at, cause }) => this.traps.push({ cause, from: at, until: at }),
      trapReturn: ({ at }) => {
        const open = this.traps.findLast(({ from, until }) => from === until)
        if (open !== undefined) open.until = at
      },
      accelerator: { token: (from, to, count, at) => this.tokens.push({ from, to, count, at }) },
    }
    this.probes = [this.inference, this.cycles, others]
  }
}
