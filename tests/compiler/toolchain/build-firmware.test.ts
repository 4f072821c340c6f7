import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildFirmware, type FirmwareSources } from '../../../compiler/toolchain/build-firmware.ts'
import type { Toolchain } from '../../../compiler/toolchain/toolchain.ts'
import { UserError } from '../../../sim/diagnostic.ts'

const fakeCompiler = fileURLToPath(new URL('fake-compiler.sh', import.meta.url))

let folder: string
let cache: string
let log: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'presilicon-test-'))
  cache = join(folder, 'cache')
  log = join(folder, 'log')
})
afterEach(() => rmSync(folder, { recursive: true }))

const toolchain = (version = '1'): Toolchain => ({
  name: 'gcc',
  version,
  linkFlags: [],
  target: (isa) => [`-march=${isa}`],
  command: (args) => ({ program: 'sh', arguments: [fakeCompiler, log, ...args] }),
})

/** A file on disk. */
function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

const firmware = (changes: Partial<FirmwareSources> = {}): FirmwareSources => ({
  sources: [file('start.S', 'start;'), file('main.c', '#include "main.h"\nmain;')],
  includeDirs: [folder],
  generated: new Map([
    ['model.c', 'model;'],
    ['main.h', 'int main(void);'],
  ]),
  linkerScript: 'SECTIONS {}',
  isa: 'rv32im',
  ...changes,
})

/** Builds and says what it took. */
async function build(sources: FirmwareSources, use = toolchain(), options: { cache?: boolean } = {}) {
  rmSync(log, { force: true })
  const elf = await buildFirmware(sources, use, { cacheFolder: cache, ...options })
  const steps = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').toSorted() : []
  return { text: new TextDecoder().decode(elf), steps }
}

/** The error that a build ends with. */
async function failure(sources: FirmwareSources): Promise<UserError> {
  const error = await buildFirmware(sources, toolchain(), { cacheFolder: cache }).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(UserError)
  return error as UserError
}

describe('a build', () => {
  test('compiles sources and generated sources, then links them in order', async () => {
    const { text, steps } = await build(firmware())
    expect(text).toBe('start;#include "main.h"\nmain;model;')
    expect(steps).toEqual(['compile main.c', 'compile model.c', 'compile start.S', 'link'])
  })

  test('of the same contents runs nothing', async () => {
    const first = await build(firmware())
    expect(await build(firmware())).toEqual({ text: first.text, steps: [] })
  })

  test('of another generated source compiles only that', async () => {
    await build(firmware())
    const generated = new Map([...firmware().generated!, ['model.c', 'other;']])
    const { text, steps } = await build(firmware({ generated }))
    expect(steps).toEqual(['compile model.c', 'link'])
    expect(text).toContain('other;')
  })

  test('with another header compiles what includes it', async () => {
    await build(firmware())
    const generated = new Map([...firmware().generated!, ['main.h', 'int main(int argc);']])
    expect((await build(firmware({ generated }))).steps).toEqual(['compile main.c', 'link'])
  })

  test('sees changes behind chains of headers and in files that .incbin takes in', async () => {
    file('outer.h', '#include <inner.h>')
    const data = (last: number) =>
      firmware({
        generated: new Map<string, string | Uint8Array>([
          ['main.h', '#include "outer.h"'],
          ['inner.h', `#include "main.h"\n${last}`],
          ['data.S', '.incbin "data.bin"'],
          ['data.bin', Uint8Array.of(1, 2, last)],
        ]),
      })
    await build(data(3))
    expect((await build(data(4))).steps).toEqual(['compile data.S', 'compile main.c', 'link'])
  })

  test('with another linker script only links', async () => {
    await build(firmware())
    expect((await build(firmware({ linkerScript: 'SECTIONS { }' }))).steps).toEqual(['link'])
  })

  test.each([
    ['ISA', firmware, { isa: 'rv32imc' }],
    ['definition', firmware, { defines: { DEBUG: 1 } }],
  ])('for another %s compiles everything', async (_, sources, change) => {
    await build(sources())
    expect((await build(sources(change))).steps).toHaveLength(4)
  })

  test('by another version of the toolchain compiles everything', async () => {
    await build(firmware())
    expect((await build(firmware(), toolchain('2'))).steps).toHaveLength(4)
  })

  test('does without a cache that cannot be written', async () => {
    cache = join(file('no-folder', 'kept'), 'cache')
    expect((await build(firmware())).steps).toHaveLength(4)
    expect((await build(firmware())).steps).toHaveLength(4)
    expect(readFileSync(join(folder, 'no-folder'), 'utf8')).toBe('kept')
  })

  test('without cache compiles everything and keeps nothing', async () => {
    expect((await build(firmware(), toolchain(), { cache: false })).steps).toHaveLength(4)
    expect((await build(firmware(), toolchain(), { cache: false })).steps).toHaveLength(4)
    expect(existsSync(cache)).toBe(false)
  })

  test('twice at once gives the same firmware, and leaves no drafts', async () => {
    const [a, b] = await Promise.all([build(firmware()), build(firmware())])
    expect(a.text).toBe(b.text)
    const names = ['objects', 'firmware'].flatMap((kind) => readdirSync(join(cache, kind)))
    expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([])
  })
})

describe('a build that fails', () => {
  test('says what the compiler said first, and caches nothing', async () => {
    const sources = firmware({
      generated: new Map([
        ['main.h', ''],
        ['model.c', '#error'],
      ]),
    })
    expect((await failure(sources)).render()).toBe(
      'model.c: line 1: does not compile: #error on purpose; correct the source (1)',
    )
    expect((await failure(sources)).code).toBe('compile-failed')
  })

  test('names what is missing at link time', async () => {
    const error = await failure(firmware({ sources: [file('bad.c', 'undefined_function')] }))
    expect(error.code).toBe('link-failed')
    expect(error.render()).toContain('undefined reference to `undefined_function')
  })

  test('says when the firmware is larger than RAM', async () => {
    const error = await failure(firmware({ sources: [file('bad.c', 'huge')] }))
    expect(error.code).toBe('firmware-too-large')
    expect(error.message).toContain('42 bytes')
  })

  test('names a source that is not there', async () => {
    const error = await failure(firmware({ sources: [join(folder, 'absent.c')] }))
    expect(error.code).toBe('source-missing')
    expect(error.place.file).toBe(join(folder, 'absent.c'))
  })
})

test('a machine without a place for temporary files is told in one sentence', async () => {
  const { TMPDIR } = process.env
  process.env.TMPDIR = join(folder, 'nothing')
  try {
    const error = await failure(firmware())
    expect(error.render()).toMatch(
      /nothing: no folder for temporary files can be made in it \(ENOENT\); set TMPDIR to /,
    )
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  }
})
