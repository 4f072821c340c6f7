import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { reportPage } from '../../../sim/cli/report-page.ts'
import { arenaUse, scratchpadUse } from '../../../sim/report/page/memory-use.ts'
import type { ReportData } from '../../../sim/report/report-data.ts'
import { browserPath } from './browser.ts'
import { contrast } from './contrast.ts'
import { digitsReport } from './digits.ts'
import { it } from './report-test.ts'

const thousands = (value: number) => value.toLocaleString('en-US')
/** Descriptions of what one list of a map shows. */
const told = (page: Page, part: string, list: string) =>
  page.$$eval(`#${part} [aria-label="${list}"] .item`, (items) => items.map((one) => one.getAttribute('aria-label')!))

/** One tensor that dwarfs all others. */
const lopsided = ({ layers, ...rest }: ReportData): ReportData => ({
  ...rest,
  layers,
  arena: {
    bytes: 40_000,
    lowerBoundBytes: 32_000,
    tensors: [
      { name: 'huge', type: 'int8 [27648]', offset: 0, bytes: 27_648, first: 0, last: 0 },
      { name: 'small', type: 'int8 [2]', offset: 0, bytes: 2, first: layers.length - 2, last: layers.length - 1 },
      { name: 'smaller', type: 'int8 [1]', offset: 16, bytes: 1, first: layers.length - 1, last: layers.length - 1 },
      { name: 'top', type: 'int8 [2400]', offset: 37_600, bytes: 2400, first: 2, last: 3 },
    ],
  },
})

describe.skipIf(browserPath === undefined)('the maps of memory', () => {
  it('tell every tensor, piece and layer in the numbers of the data', async ({ data, html, open }) => {
    const { page, complaints } = await open(html)
    const { arena, layers, scratchpads } = data
    const used = arenaUse(arena!, layers.length)
    const bars = await told(page, 'arena', 'Bytes in use in each layer')
    expect(bars.map((bar) => /: ([\d,]+) of ([\d,]+) bytes in use/.exec(bar)!.slice(1))).toEqual(
      used.map((bytes) => [thousands(bytes), thousands(arena!.bytes)]),
    )
    const peaks = bars.filter((bar) => bar.includes('the peak'))
    expect(peaks).toHaveLength(used.filter((bytes) => bytes === Math.max(...used)).length)
    const boxes = await told(page, 'arena', 'What lies where')
    for (const { name, type, bytes, offset, first, last } of arena!.tensors) {
      const about = `${name}, ${type}: ${thousands(bytes)} bytes, ${thousands(offset)} to ${thousands(offset + bytes)}, `
      const box = boxes.find((one) => one.startsWith(about))!
      expect(box).toContain(`layer ${layers[first]!.index} ${layers[first]!.op}`)
      expect(box).toContain(`layer ${layers[last]!.index} ${layers[last]!.op}`)
    }
    for (const { name, bytes, peakBytes, pieces } of scratchpads) {
      const text = await page.textContent(`#memory-${name} p`)
      expect(text).toContain(`${thousands(peakBytes)} bytes, ${((100 * peakBytes) / bytes).toFixed(1)} %`)
      expect(await told(page, `memory-${name}`, 'What lies where')).toHaveLength(pieces!.length)
    }
    await page.click('#arena summary')
    const rows = await page.$$eval('#arena-table tbody tr', (all) =>
      all.map((row) => [0, 2, 3].map((column) => row.children[column]!.textContent)),
    )
    expect(rows).toEqual(arena!.tensors.map((one) => [one.name, thousands(one.bytes), thousands(one.offset)]))
    expect(complaints).toEqual([])
  })

  it.for([1280, 400])(
    'show small tensors beside a huge one, and write nothing on anything, %i pixels wide',
    async (width, { data, open }) => {
      const { page } = await open(await reportPage(lopsided(data)), { viewport: { width, height: 900 } })
      const rectangles = (selector: string) =>
        page.$$eval(selector, (all) =>
          all.map((one) => {
            const { left, right, top, bottom } = one.getBoundingClientRect()
            return { left, right, top, bottom }
          }),
        )
      const pieces = await rectangles('#arena .piece')
      expect(pieces).toHaveLength(4)
      for (const { top, bottom } of pieces) expect(bottom - top).toBeGreaterThan(12)
      const written = await page.$$eval('#arena .beside, #arena .inside', (all) => all.map((one) => one.textContent))
      expect(written).toEqual(expect.arrayContaining(['huge 27,648', 'smaller 1']))
      const labels = await rectangles('#arena [aria-label="What lies where"] .beside')
      const apart = (a: (typeof labels)[number], b: typeof a) =>
        a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 2 || b.bottom <= a.top + 2
      for (const [i, label] of labels.entries()) {
        for (const other of [...pieces, ...labels.slice(i + 1)]) expect(apart(label, other)).toBe(true)
      }
      const text = await page.textContent('#arena p')
      expect(text).toContain(
        `Most is in use in layer ${data.layers[0]!.index} ${data.layers[0]!.op}: 27,648 bytes, 69.1 %.`,
      )
      expect(text).toContain(
        'With alignment no plan can be smaller than 32,000 bytes (the dashed line); this one is larger by 25.0 %.',
      )
      const [bound] = await rectangles('#arena .bound')
      const [bar] = await rectangles('#arena .use.peak')
      expect(bound!.top).toBeLessThan(bar!.top)
    },
  )

  it('write no share on the line of the lower bound', async ({ data, open }) => {
    const tensor = { name: 'most', type: 'int8 [420]', offset: 0, bytes: 420, first: 0, last: 0 }
    const arena = { bytes: 496, lowerBoundBytes: 496, tensors: [tensor] }
    const { page } = await open(await reportPage({ ...data, arena }))
    const edges = (selector: string) =>
      page.$eval(selector, (one) => {
        const { top, bottom } = one.getBoundingClientRect()
        return { top, bottom }
      })
    const label = await edges('#arena [aria-label="Bytes in use in each layer"] .beside')
    const line = await edges('#arena .bound')
    expect(label.bottom).toBeLessThanOrEqual(line.top + 1)
  })

  it('know no lower bound of firmware that does not tell it', async ({ data, open }) => {
    const { lowerBoundBytes: _, ...arena } = data.arena!
    const { page } = await open(await reportPage({ ...data, arena }))
    expect(await page.textContent('#arena p')).toContain('No plan can be smaller than that (the dashed line).')
    expect(await page.textContent('#arena-bytes + dd')).toBe(`${thousands(arena.bytes)} bytes`)
  })

  it('are walked through by keys: one stop for each list, then the arrows', async ({ data, open }) => {
    const { page } = await open(await reportPage(lopsided(data)))
    await page.focus('#roofline .item[tabindex="0"]')
    const about = () => page.textContent('#arena .details')
    await page.keyboard.press('Tab')
    expect(await about()).toMatch(/^layer \d+ .*: 27,648 of 40,000 bytes in use, 69\.1 %, the peak; 1 piece$/)
    await page.keyboard.press('ArrowRight')
    expect(await about()).toContain(`layer ${data.layers[1]!.index} ${data.layers[1]!.op}: 0 of 40,000 bytes in use`)
    await page.keyboard.press('Tab')
    expect(await about()).toMatch(/^huge, int8 \[27648\]: 27,648 bytes, 0 to 27,648, in layer 0 /)
    await page.keyboard.press('End')
    expect(await about()).toMatch(/^smaller, int8 \[1\]: 1 byte, 16 to 17, in layer /)
    await page.keyboard.press('Home')
    expect(await about()).toMatch(/^huge/)
    // A finger or a pointer does the same.
    await page.hover('#arena [aria-label^="top,"]')
    expect(await about()).toMatch(/^top, int8 \[2400\]/)
  })

  it.for(['light', 'dark'] as const)('have colours on which one can read, %s', async (colorScheme, { html, open }) => {
    const { page } = await open(html, { colorScheme })
    const [text, fills] = await page.evaluate(() => {
      const rgb = (colour: string) =>
        colour
          .match(/[\d.]+/g)!
          .slice(0, 3)
          .map(Number)
      const probe = document.querySelector<HTMLElement>('.frame')!
      const pieces = [...document.querySelectorAll<SVGElement>('svg .piece')]
      return [rgb(getComputedStyle(probe).color), pieces.map((piece) => rgb(getComputedStyle(piece).fill))] as const
    })
    expect(fills.length).toBeGreaterThan(10)
    for (const fill of fills) expect(contrast(text, fill)).toBeGreaterThan(4.5)
  })

  it('are those of the arena alone without an accelerator, and say nothing of scratchpads', async ({ open }) => {
    const { page } = await open(await reportPage((await digitsReport('none')).data))
    expect(await page.$$eval('#memory .part', (parts) => parts.map(({ id }) => id))).toEqual(['arena'])
    expect(await page.textContent('#memory')).not.toContain('scratchpad')
    expect(await page.textContent('#timeline-help')).not.toMatch(/scratchpad|tokens/)
  }, 60_000)
})

describe('memory in use', () => {
  it('in a scratchpad is the most of any instant of a layer, and no more than the peak', async () => {
    const { layers, scratchpads } = (await digitsReport()).data
    for (const scratchpad of scratchpads) {
      expect(Math.max(...scratchpadUse(scratchpad, layers))).toBe(scratchpad.peakBytes)
    }
    const spans = {
      from: [0, 10, 15],
      until: [10, 20, 30],
      address: [0, 0, 64],
      bytes: [64, 128, 64],
      layer: [0, 0, 1],
    }
    const times = [
      { from: 0, until: 10 },
      { from: 10, until: 20 },
      { from: 20, until: 40 },
      { from: 40, until: 50 },
    ]
    const made = { name: 'act', bytes: 1024, peakBytes: 192, spans }
    expect(scratchpadUse(made, times as unknown as ReportData['layers'])).toEqual([64, 192, 64, 0])
  }, 60_000)
})
