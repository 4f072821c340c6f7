import { describe, expect } from 'vitest'
import type { FlameFrame } from '../../../sim/report/report-data.ts'
import { browserPath } from './browser.ts'
import { it } from './report-test.ts'

const thousands = (value: number) => value.toLocaleString('en-US')

describe.skipIf(browserPath === undefined)('charts', () => {
  it('of the roofline: every layer once, with its number, the slowest first by keys', async ({ data, page }) => {
    const layers = data.layers.filter(({ roofline }) => roofline !== undefined).sort((a, b) => b.cycles - a.cycles)
    const about = () => page.textContent('#roofline .details')
    await page.focus('#roofline .item[tabindex="0"]')
    for (const { index, op, cycles } of layers) {
      expect(await about()).toMatch(new RegExp(`^layer ${index} ${op}: .* ${thousands(cycles)} cycles$`))
      await page.keyboard.press('ArrowRight')
    }
    const numbers = await page.$$eval('#roofline .beside', (all) => all.map(({ textContent }) => Number(textContent)))
    expect(numbers.length).toBeGreaterThan(layers.length / 2)
    expect(new Set(numbers).size).toBe(numbers.length)
    for (const number of numbers) expect(layers.map(({ index }) => index)).toContain(number)
  })

  it('of functions: callers, callees and neighbours by keys, from one stop of Tab', async ({ data, page }) => {
    expect(await page.$$('.frame[tabindex="0"]')).toHaveLength(1)
    const about = () => page.textContent('#flame .details')
    const name = ({ name, cycles }: FlameFrame) => `${name}: ${thousands(cycles)} cycles`
    await page.focus('.frame[tabindex="0"]')
    const path = [data.flame!]
    // The narrowest are not drawn.
    const drawn = (frame: FlameFrame | undefined) => frame !== undefined && frame.cycles > 0.001 * data.flame!.cycles
    while (drawn(path.at(-1)!.children[0])) {
      expect(await about()).toContain(name(path.at(-1)!))
      await page.keyboard.press('ArrowDown')
      path.push(path.at(-1)!.children[0]!)
    }
    expect(await about()).toContain(name(path.at(-1)!))
    await page.keyboard.press('ArrowUp')
    expect(await about()).toContain(name(path.at(-2)!))
    const [first, second] = path.at(-3)!.children
    if (second !== undefined) {
      await page.keyboard.press('ArrowRight')
      expect(await about()).toContain(name(second))
      await page.keyboard.press('ArrowLeft')
    }
    await page.keyboard.press('Enter')
    expect(await about()).toContain(name(first!))
    const width = (one: string) => page.$eval(one, (frame) => frame.getBoundingClientRect().width)
    expect(await width('.frame:focus')).toBeCloseTo(await width('.frame >> nth=0'), 0)
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    expect(await about()).toContain(name(data.flame!))
  })

  it('of functions draw frames as wide as their cycles, also the narrowest', async ({ data, page }) => {
    const all = await page.$eval('.flame', (chart) => chart.clientWidth)
    const widths = await page.$$eval('.frame', (frames) =>
      frames.map((frame) => ({ about: frame.getAttribute('aria-label')!, width: frame.getBoundingClientRect().width })),
    )
    for (const { about, width } of widths) {
      const cycles = Number(/: ([\d,]+) cycles/.exec(about)![1]!.replaceAll(',', ''))
      expect(Math.abs(width - (all * cycles) / data.flame!.cycles)).toBeLessThan(1.5)
    }
  })
})
