import type { Activity } from '../report-data.ts'

export const activityNames: Readonly<Record<Activity, string>> = {
  compute: 'compute',
  dmaIn: 'DMA in',
  dmaOut: 'DMA out',
  cpu: 'CPU',
  idle: 'idle',
}

const listeners: (() => void)[] = []
/** Values of CSS variables, which cost too much to ask for once for every rectangle. */
const known = new Map<string, string>()
const dark = matchMedia('(prefers-color-scheme: dark)')

/** Calls `draw` whenever the colours change: dark or light, and light for paper. */
export function onColours(draw: () => void): void {
  listeners.push(draw)
}

const redraw = () => {
  known.clear()
  for (const listener of listeners) listener()
}
dark.addEventListener('change', redraw)
addEventListener('beforeprint', () => {
  document.documentElement.dataset.paper = ''
  redraw()
})
addEventListener('afterprint', () => {
  delete document.documentElement.dataset.paper
  redraw()
})

/** Value of a CSS variable. */
export function colour(name: string): string {
  const value = known.get(name) ?? getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
  known.set(name, value)
  return value
}

/** Layers in their order go through a range of hues, so that neighbours in time look alike but differ. */
export function layerColour(position: number, layers: number): string {
  const hue = 170 + (150 * position) / Math.max(1, layers - 1) + (position % 2 === 0 ? 0 : 18)
  return `hsl(${Math.round(hue)} ${colour('layer-tone')})`
}
