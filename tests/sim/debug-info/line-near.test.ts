import { expect, it } from 'vitest'
import { buildProgram } from '../../../programs/build.ts'
import { debugInfo } from '../../../sim/debug-info/debug-info.ts'
import { loadElf } from '../../../sim/elf/load.ts'

it('the line of an instruction without one is the nearest before it in its function', async () => {
  const image = await loadElf(await buildProgram({ name: 'hello' }), 'hello')
  const info = debugInfo(image)
  const { address, size } = image.symbols.get('print')!
  const addresses = Array.from({ length: size / 4 }, (_, i) => address + 4 * i)
  let near = info.lineAt(address)
  for (const at of addresses) {
    near = info.lineAt(at) ?? near
    expect(info.lineNear(at)).toEqual(near)
  }
  expect(near?.file).toMatch(/print\.c$/)
  expect(addresses.filter((at) => info.lineAt(at) === undefined).length).toBeGreaterThan(0)
  expect(info.lineNear(0)).toBeUndefined()
})
