import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { buildFirmware } from '../../../compiler/toolchain/build-firmware.ts'
import { runtimeIncludeDirs, runtimeSources } from '../../../compiler/toolchain/runtime-sources.ts'
import { debugInfo } from '../../../sim/debug-info/debug-info.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import { Machine } from '../../../sim/machine.ts'
import { socHeader } from '../../../sim/soc/c-header.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { linkerScript } from '../../../sim/soc/linker-script.ts'
import { installedToolchains } from '../../runtime-c/firmware.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** Builds from a source in a new folder; everything, or from the cache what is there. */
async function build(toolchain: (typeof installedToolchains)[number], afresh: boolean): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'presilicon-test-'))
  folders.push(folder)
  writeFileSync(join(folder, 'fault.h'), 'static inline int fault(void)\n{\n  return *(volatile int *)0x40000ffc;\n}\n')
  writeFileSync(
    join(folder, 'fault.c'),
    '#include "fault.h"\n#include "own.h"\nint main(void)\n{\n  return fault() + OWN;\n}\n',
  )
  const sources = {
    sources: [...runtimeSources(['boot', 'hal', 'libc']), join(folder, 'fault.c')],
    includeDirs: [...runtimeIncludeDirs(), folder],
    generated: new Map([
      ['soc.h', socHeader(defaultSoc)],
      ['own.h', '#define OWN 1\n'],
    ]),
    linkerScript: linkerScript(defaultSoc),
    isa: defaultSoc.hart.isa,
  }
  return buildFirmware(sources, toolchain, afresh ? { cacheFolder: join(folder, 'cache') } : {})
}

describe.each(installedToolchains.map((toolchain) => [toolchain.name, toolchain] as const))(
  'firmware of %s',
  (_, toolchain) => {
    test('is the same wherever it is built, and faults name the source line', async () => {
      const elf = await build(toolchain, false)
      // zig builds its compiler library first, which takes ten seconds.
      if (toolchain.name !== 'zig') expect(Buffer.from(await build(toolchain, true)).equals(elf)).toBe(true)
      expect(Buffer.from(elf).includes(tmpdir())).toBe(false)
      const image = await loadElf(elf, 'fault.elf')
      const files = new Set<string>()
      const info = debugInfo(image)
      for (let { address, end } = textOf(image.symbols); address < end; address += 4) {
        for (const { place } of info.framesAt(address)) if (place !== undefined) files.add(place.file)
      }
      expect([...files].filter((file) => !file.startsWith('runtime-c/')).sort()).toEqual(['fault.c', 'fault.h'])
      expect(files).toContain('runtime-c/hal/finish.c')
      const messages: string[] = []
      const machine = new Machine(defaultSoc, { diagnostic: (message) => messages.push(message) })
      machine.load(image)
      machine.run()
      expect(messages[0]).toMatch(/^load access fault \(0x40000ffc, .* in main(\+0x\w+)? \(fault\.h:3\)/)
    })
  },
)

const textOf = (symbols: { get(name: string): { readonly address: number } | undefined }) => ({
  address: symbols.get('__text_start')!.address,
  end: symbols.get('__text_end')!.address,
})
