import type { CycleSplit, LayerProfile, Peak } from './inference-profile.ts'
import { type WaitReason, waitReasons } from './layer-waits.ts'

/** What the sentence is made from. */
interface Facts extends Pick<LayerProfile, 'target' | 'cycles' | 'macs' | 'bytesIn' | 'bytesOut' | 'waits'> {
  readonly split: CycleSplit
  readonly roofline?: LayerProfile['roofline']
}

const percent = (part: number, whole: number) => `${Math.round((100 * part) / Math.max(1, whole))} %`

/** One sentence: what a layer's cycles went to most, the figure behind it, and what would help. */
export function bottleneckOf(facts: Facts, peak: Peak | undefined): string {
  const { target, cycles, macs, waits } = facts
  if (waits === undefined) {
    const each = macs === 0 ? '' : `, ${(cycles / macs).toFixed(1)} cycles for each MAC`
    return target === 'cpu' ? `the CPU computes it${each}` : 'nothing runs'
  }
  const worst = waitReasons.reduce((a, b) => (waits[b] > waits[a] ? b : a))
  if (facts.split.compute >= waits[worst]) return computeBound(facts, peak, worst)
  return `compute waits ${sentences[worst](percent(waits[worst], cycles), facts, peak)}`
}

/** A layer this close below what RAM bandwidth allows is bound by it, however busy the array looks; above, it was prefetched. */
const NEAR_ROOF = 0.85

function computeBound(
  { split, cycles, macs, waits, roofline }: Facts,
  peak: Peak | undefined,
  worst: WaitReason,
): string {
  const rest = waits![worst] * 10 < cycles ? '' : `, then waits for ${names[worst]} (${percent(waits![worst], cycles)})`
  const begin = `computing takes ${percent(split.compute, cycles)} of the time`
  if (peak === undefined || macs === 0) return `${begin}${rest}`
  const rate = macs / split.compute
  const use = `${rate.toFixed(0)} of ${peak.peakMacsPerCycle} MAC/cycle while it computes`
  const roof = roofline?.bound === 'memory' ? roofline.attainableMacsPerCycle : Number.POSITIVE_INFINITY
  if (macs / cycles >= NEAR_ROOF * roof && macs / cycles <= roof) {
    const allowed = `the ${roof.toFixed(1)} that ${peak.bytesPerCycle} bytes/cycle allow`
    return `${begin} at ${use}, close to ${allowed}: only more bandwidth or fewer bytes would help${rest}`
  }
  const small = rate < peak.peakMacsPerCycle / 2
  const advice = small
    ? 'its shape uses little of the array (few channels, or each weight once)'
    : 'a larger array would help'
  return `${begin} at ${use}; ${advice}${rest}`
}

const names: Readonly<Record<WaitReason, string>> = {
  weights: 'weights',
  activations: 'activations',
  store: 'room for results',
  commands: 'commands',
  output: 'the store of results',
}

const sentences: Readonly<Record<WaitReason, (share: string, facts: Facts, peak: Peak | undefined) => string>> = {
  weights: (share, facts, peak) =>
    `for weights ${share} of the time${leastTime(facts.bytesIn, peak)}; more bandwidth, or more output pixels for each load of weights, would help`,
  activations: (share, facts, peak) =>
    `for activations ${share} of the time${leastTime(facts.bytesIn, peak)}; more bandwidth, or a scratchpad that holds them from layer to layer, would help`,
  store: (share, facts, peak) =>
    `${share} of the time until results before are stored${leastTime(facts.bytesOut, peak)}; more bandwidth or a larger activation scratchpad would help`,
  commands: (share, { split, cycles }) =>
    `${share} of the time for its commands${split.cpu * 2 > cycles ? ', which the controller has to start' : ' or for the commands before them'}; fewer, larger tiles would help`,
  output: (share, facts, peak) =>
    `for nothing more, ${share} of the time go to what follows its last command: results are stored and the controller is told${leastTime(facts.bytesOut, peak)}`,
}

function leastTime(bytes: number, peak: Peak | undefined): string {
  if (peak === undefined) return ''
  const cycles = Math.ceil(bytes / peak.bytesPerCycle)
  return `: ${bytes} bytes at ${peak.bytesPerCycle} bytes/cycle take ${cycles} cycles at the least`
}
