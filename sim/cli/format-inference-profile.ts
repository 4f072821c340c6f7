import type { InferenceProfile, LayerProfile } from '../profile/inference-profile.ts'
import { type Row, textTable } from './text-table.ts'

const percent = (part: number, whole: number) => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`
const rate = (value: number) => Number(value.toFixed(1))
const sums = ({ dmaIn, compute, dmaOut, cpu, idle }: InferenceProfile['split']) => [dmaIn, compute, dmaOut, cpu, idle]

/** Layers with what their cycles went to, and a sentence for each on what holds it up. */
export function formatInferenceProfile(profile: InferenceProfile): string {
  const { layers, cycles, macs, macsPerCycle, peak } = profile
  const limit =
    peak === undefined ? '' : ` of ${peak.peakMacsPerCycle} (${percent(macsPerCycle, peak.peakMacsPerCycle)})`
  const slowest = layers.toSorted((a, b) => b.cycles - a.cycles)
  const sentences = slowest.map(
    (layer) => `  ${layer.index} ${layer.op}, ${percent(layer.cycles, cycles)} of the inference: ${layer.bottleneck}\n`,
  )
  return `Where the cycles went (what overlaps counts as computing, else DMA in, DMA out, CPU)
${layerTable(profile)}
${macs} MACs in ${cycles} cycles: ${rate(macsPerCycle)} MAC/cycle${limit}

What holds the layers up, the slowest first
${sentences.join('')}`
}

function layerTable({ layers, between, cycles, split, macsPerCycle }: InferenceProfile): string {
  const activities = ['DMA in', 'compute', 'DMA out', 'CPU', 'idle']
  return textTable([
    ['layer', 'operator', 'on', ...activities, 'cycles', 'MAC/cycle', 'bound by', 'tiles'],
    ...layers.map(layerRow),
    ['', 'between layers', '', ...sums(between), between.cycles, 0, '', 0],
    ['', 'one inference', '', ...sums(split), cycles, rate(macsPerCycle), '', 0],
  ])
}

function layerRow({ index, op, target, split, cycles, macsPerCycle, roofline, tiles }: LayerProfile): Row {
  const attainable = roofline === undefined ? '' : `${roofline.bound} ${rate(roofline.attainableMacsPerCycle)}`
  return [index, op, target, ...sums(split), cycles, rate(macsPerCycle), attainable, tiles.length]
}
