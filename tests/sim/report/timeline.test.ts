import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { browserPath } from './browser.ts'
import { it } from './report-test.ts'

describe.skipIf(browserPath === undefined)('the timeline', () => {
  const range = async (page: Page) => {
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    const { from, until } = await page.$eval(
      '#timeline-canvas',
      ({ dataset }) => ({ ...dataset }) as Record<string, string>,
    )
    return { from: Number(from), until: Number(until) }
  }
  const span = async (page: Page) => {
    const { from, until } = await range(page)
    return until - from
  }
  it('zooms to a layer by a click on it, and tells what it is', async ({ data, page }) => {
    await page.click('#layer-table tbody tr:nth-child(3) button')
    const { from, until } = await range(page)
    const layer = data.layers[2]!
    expect(from).toBeCloseTo(layer.from - 0.05 * layer.cycles, 3)
    expect(until).toBeCloseTo(layer.until + 0.05 * layer.cycles, 3)
    const told = await page.textContent('#timeline .details')
    expect(told).toContain(`layer ${layer.index} ${layer.op} on ${layer.target}${layer.name}`)
    expect(told).toContain(layer.bottleneck)
    await page.keyboard.press('Escape')
    expect(await page.textContent('#timeline .details')).toMatch(/^Click on something/)
  })

  it('zooms and moves by keys, down to single commands and back to all', async ({ data, page }) => {
    await page.focus('#timeline-canvas')
    await page.keyboard.press('Home')
    expect(await range(page)).toEqual({ from: 0, until: data.timeline.cycles })
    await page.keyboard.press('ArrowUp')
    expect(await span(page)).toBeCloseTo(data.timeline.cycles / 1.6, 3)
    const { from } = await range(page)
    await page.keyboard.press('ArrowRight')
    expect((await range(page)).from).toBeGreaterThan(from)
    for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowUp')
    expect(await span(page)).toBeCloseTo(16, 3)
    await page.keyboard.press('Home')
    await page.keyboard.press('n')
    expect(await page.textContent('#timeline .details')).toContain(`layer ${data.layers[0]!.index} CONV_2D`)
    await page.keyboard.press('Enter')
    expect(await span(page)).toBeCloseTo(1.3 * data.layers[0]!.cycles, 3)
  })

  it('goes through rows and commands by keys, and tells what a command waited for', async ({ data, page }) => {
    await page.focus('#timeline-canvas')
    for (const key of ['Home', 'Escape', 'n']) await page.keyboard.press(key)
    const told = () => page.$$eval('#timeline .details div', (lines) => lines.map(({ textContent }) => textContent!))
    const { commands, units } = data.timeline
    const waiting = commands.waitedFor.findIndex((givers) => givers.length > 0)
    const kindOf = (i: number) => commands.kinds[commands.kind[i]!]!
    const nameOf = (i: number) => `command ${commands.index[i]} ${kindOf(i).name}`
    // The row of layers is the first, those of the units follow.
    for (let row = 0; row <= commands.unit[waiting]!; row++) await page.keyboard.press('j')
    for (let i = 0; i < commands.kind.length && !(await told())[0]!.startsWith(`${nameOf(waiting)},`); i++)
      await page.keyboard.press('n')
    const lines = await told()
    expect(lines[0]).toMatch(new RegExp(`^${nameOf(waiting)}, (${commands.notes![waiting]}, )?layer \\d+ `))
    const things = commands.touches![waiting]!.map((thing) => commands.things![thing])
    expect(things.length).toBeGreaterThan(1)
    expect(lines).toContain(`about ${things.join(', ')}`)
    expect(lines).toContain(`after ${commands.waitedFor[waiting]!.map(nameOf).join(', ')}`)
    expect(units[commands.unit[waiting]!]).toBe('compute')
    await page.keyboard.press('k')
    const above = await told()
    expect(above[0]).toMatch(/^command \d+ load, (weights|input|table)/)
    // Units, addresses and enumerations by name.
    const load = commands.kind.findIndex((_, i) => above[0]!.startsWith(`${nameOf(i)},`))
    const address = commands.values[load]![kindOf(load).fields.indexOf('ram')]!.toString(16).padStart(8, '0')
    expect(above.at(-1)).toMatch(new RegExp(`^wait .*, signal compute.*, ram 0x${address}, .*, memory (act|wgt), `))
  })

  it('zooms at the pointer by the wheel, moves by dragging, and tells what is under it', async ({ page }) => {
    await page.keyboard.press('Home')
    await page.locator('#timeline-canvas').scrollIntoViewIfNeeded()
    const box = (await page.locator('#timeline-canvas').boundingBox())!
    await page.mouse.move(box.x + box.width / 2, box.y + 40)
    expect(await page.textContent('#timeline .tip')).toMatch(/^layer \d+ /)
    const before = await span(page)
    await page.mouse.wheel(0, -300)
    expect(await span(page)).toBeLessThan(before / 1.5)
    const { from } = await range(page)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width / 2 + 100, box.y + 40)
    await page.mouse.up()
    expect((await range(page)).from).toBeLessThan(from)
  })
})
