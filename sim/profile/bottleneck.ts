import type { CycleSplit, LayerProfile, Peak } from './inference-profile.ts'
import { type WaitReason, waitReasons } from './layer-waits.ts'
import type { WhatIf } from './what-if.ts'

/** What the sentence is made from. */
interface Facts extends Pick<LayerProfile, 'target' | 'cycles' | 'macs' | 'bytesIn' | 'bytesOut' | 'waits'> {
  readonly split: CycleSplit
  /** What would shorten the commands that hold the layer up. */
  readonly change?: WhatIf
}

const percent = (part: number, whole: number) => `${Math.round((100 * part) / Math.max(1, whole))} %`

/** What computing waits for most, when it waits for longer than it computes; undefined for layers that are not the accelerator's. */
export function holdUp({ split, waits }: Pick<Facts, 'split' | 'waits'>): WaitReason | 'compute' | undefined {
  const worst = waits && longestWait(waits)
  return worst && (split.compute >= waits[worst] ? 'compute' : worst)
}

const longestWait = (waits: NonNullable<Facts['waits']>) => waitReasons.reduce((a, b) => (waits[b] > waits[a] ? b : a))

/** One sentence: what a layer's cycles went to most, the figure behind it, and what would help. */
export function bottleneckOf(facts: Facts, peak: Peak | undefined): string {
  const { target, cycles, macs, waits } = facts
  const reason = holdUp(facts)
  if (waits === undefined || reason === undefined) {
    const each = macs === 0 ? '' : `, ${(cycles / macs).toFixed(1)} cycles for each MAC`
    return target === 'cpu' ? `the CPU computes it${each}` : 'nothing runs'
  }
  if (reason === 'compute') return computeBound(facts, peak, longestWait(waits))
  return `compute waits ${sentences[reason](percent(waits[reason], cycles), facts, peak)}`
}

function computeBound(facts: Facts, peak: Peak | undefined, worst: WaitReason): string {
  const { split, cycles, macs, waits } = facts
  const rest =
    waits![worst] * 10 < cycles ? '' : `, then waits for ${nameOf(worst, facts)} (${percent(waits![worst], cycles)})`
  const rate = macs / split.compute
  const use =
    peak === undefined || macs === 0
      ? ''
      : ` at ${rate.toFixed(rate < 10 ? 1 : 0)} of ${peak.peakMacsPerCycle} MAC/cycle`
  return `computing takes ${percent(split.compute, cycles)} of the time${use}${rest}; ${whatHelps(facts, peak)}`
}

function whatHelps({ change, split, bytesIn, bytesOut }: Facts, peak: Peak | undefined): string {
  if (change === undefined) return 'no parameter twice as large would shorten its commands by a tenth'
  const bytes = bytesIn + bytesOut
  const least = peak === undefined ? 0 : Math.ceil(bytes / peak.bytesPerCycle)
  const limit =
    least > split.compute * (1 - change.saved)
      ? `, if enough of its ${bytes} bytes (${least} cycles at ${peak!.bytesPerCycle} bytes/cycle) came before it`
      : ''
  return `${changed(change)} its commands would take ${percent(change.saved, 1)} less${limit}`
}

const changed = ({ parameter, value }: WhatIf) => `with ${parameter}=${value}`

/** A layer that stores nothing ends with its fence. */
const nameOf = (reason: WaitReason, { bytesOut }: Facts) =>
  reason === 'output' && bytesOut === 0 ? 'its fence' : names[reason]

const names: Readonly<Record<WaitReason, string>> = {
  weights: 'weights',
  activations: 'activations',
  store: 'room for results',
  commands: 'commands',
  output: 'the store of results',
}

const sentences: Readonly<Record<WaitReason, (share: string, facts: Facts, peak: Peak | undefined) => string>> = {
  weights: (share, facts, peak) => `for weights ${share} of the time${transfers(facts.bytesIn, facts, peak)}`,
  activations: (share, facts, peak) => `for activations ${share} of the time${transfers(facts.bytesIn, facts, peak)}`,
  store: (share, facts, peak) =>
    `${share} of the time until results before are stored${transfers(facts.bytesOut, facts, peak)}`,
  commands: (share, { split, cycles }) =>
    `${share} of the time for its commands${split.cpu * 2 > cycles ? ', which the controller has to start' : ' or for the commands before them'}; fewer, larger tiles would help`,
  output: (share, facts, peak) =>
    facts.bytesOut === 0
      ? `for nothing more, ${share} of the time go from its last command to its fence`
      : `for nothing more, ${share} of the time go to the store of its results${leastTime(facts.bytesOut, peak)}`,
}

function transfers(bytes: number, { change }: Facts, peak: Peak | undefined): string {
  const help = change && `; ${changed(change)} these transfers would take ${percent(change.saved, 1)} less`
  return `${leastTime(bytes, peak)}${help ?? ''}`
}

function leastTime(bytes: number, peak: Peak | undefined): string {
  if (peak === undefined) return ''
  const cycles = Math.ceil(bytes / peak.bytesPerCycle)
  return `: ${bytes} bytes at ${peak.bytesPerCycle} bytes/cycle take ${cycles} cycles at the least`
}
