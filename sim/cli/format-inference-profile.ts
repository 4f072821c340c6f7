import type { InferenceProfile, LayerProfile } from '../profile/inference-profile.ts'
import { type Row, textTable } from './text-table.ts'

const percent = (part: number, whole: number) => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`
const rate = (value: number) => Number(value.toFixed(1))

/** Layers with what their cycles went to, and a sentence for each on what holds it up. */
export function formatInferenceProfile(profile: InferenceProfile): string {
  const { layers, between, cycles, split, macs, macsPerCycle, peak } = profile
  const row = (layer: LayerProfile): Row => {
    const { split, roofline } = layer
    const attainable = roofline === undefined ? '' : `${roofline.bound} ${rate(roofline.attainableMacsPerCycle)}`
    const parts = [split.dmaIn, split.compute, split.dmaOut, split.cpu, split.idle]
    return [
      layer.index,
      layer.op,
      layer.target,
      ...parts,
      layer.cycles,
      rate(layer.macsPerCycle),
      attainable,
      layer.tiles.length,
    ]
  }
  const header = [
    'layer',
    'operator',
    'on',
    'DMA in',
    'compute',
    'DMA out',
    'CPU',
    'idle',
    'cycles',
    'MAC/cycle',
    'bound by',
    'tiles',
  ]
  const sums = ({ dmaIn, compute, dmaOut, cpu, idle }: InferenceProfile['split']) => [dmaIn, compute, dmaOut, cpu, idle]
  const table = textTable([
    header,
    ...layers.map(row),
    ['', 'between layers', '', ...sums(between), between.cycles, 0, '', 0],
    ['', 'one inference', '', ...sums(split), cycles, rate(macsPerCycle), '', 0],
  ])
  const limit =
    peak === undefined ? '' : ` of ${peak.peakMacsPerCycle} (${percent(macsPerCycle, peak.peakMacsPerCycle)})`
  const slowest = layers.toSorted((a, b) => b.cycles - a.cycles)
  const sentences = slowest.map(
    (layer) => `  ${layer.index} ${layer.op}, ${percent(layer.cycles, cycles)} of the inference: ${layer.bottleneck}\n`,
  )
  return `Where the cycles went (what overlaps counts as computing, else DMA in, DMA out, CPU)
${table}
${macs} MACs in ${cycles} cycles: ${rate(macsPerCycle)} MAC/cycle${limit}

What holds the layers up, the slowest first
${sentences.join('')}`
}
