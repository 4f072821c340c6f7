import type { LayerData, Roofline } from './report-data.ts'

type Facts = Pick<LayerData, 'target' | 'cycles' | 'split' | 'macs' | 'bytes'>

const percent = (part: number, whole: number) => `${Math.round((100 * part) / Math.max(1, whole))} %`

/** One sentence on what a layer's cycles went to, and what would make it faster. */
export function bottleneck({ target, cycles, split, macs, bytes }: Facts, roofline?: Roofline): string {
  const share = (part: number) => percent(part, cycles)
  if (target === 'cpu') return `The CPU computes it${split.idle > 0 ? ` and waits for ${share(split.idle)}` : ''}.`
  const exposed = split.dmaIn + split.dmaOut
  const most = Math.max(split.compute, exposed, split.cpu, split.idle)
  if (most === split.compute) {
    const peak =
      roofline === undefined || macs === 0
        ? ''
        : `, ${percent(macs / roofline.peakMacsPerCycle, split.compute)} of the array in use`
    return `Computing takes ${share(split.compute)} of its cycles${peak}.`
  }
  if (most === exposed) {
    const least = roofline && Math.ceil(bytes / roofline.bytesPerCycle)
    const bound = least === undefined ? '' : `; moving its bytes takes ${least} cycles at the least`
    return `Transfers that nothing hides take ${share(exposed)}${bound}.`
  }
  if (most === split.cpu) return `The accelerator waits for the controller for ${share(split.cpu)}.`
  return `Nothing works for ${share(split.idle)}: commands wait for one another or for their fetch.`
}
