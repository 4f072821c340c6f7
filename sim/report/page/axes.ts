import { svg } from './dom.ts'

/** Room around the part of a chart that shows data, in pixels. */
export interface Margin {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Lines across a chart at these heights, with what stands on the left of each. */
export function horizontalGrid(
  ticks: readonly number[],
  y: (value: number) => number,
  text: (value: number) => string,
  { left, right, width }: Pick<Margin, 'left' | 'right'> & { readonly width: number },
): SVGElement[] {
  return ticks.flatMap((tick) => [
    svg('line', { class: 'grid', x1: left, x2: width - right, y1: y(tick), y2: y(tick) }),
    svg(
      'text',
      { class: 'tick', x: left - 6, y: y(tick), 'text-anchor': 'end', 'dominant-baseline': 'middle' },
      text(tick),
    ),
  ])
}

/** A small text in the middle below something. */
export const textBelow = (x: number, y: number, text: string | number): SVGElement =>
  svg('text', { class: 'tick', x, y, 'text-anchor': 'middle' }, text)
