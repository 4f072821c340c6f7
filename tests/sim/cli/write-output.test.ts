import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWhole, writeWhole } from '../../../sim/cli/whole-file.ts'
import { writeOutput } from '../../../sim/cli/write-output.ts'

const MKFIFO = 'mkfifo'

describe('writing what the user asked for', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'presilicon-'))
    writeFileSync(join(folder, 'file'), 'kept')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('makes the folders on the way, spaces and other letters too', () => {
    const path = join(folder, 'a b', 'größe', 'out.npy')
    writeOutput(path, Uint8Array.of(1, 2))
    expect([...readFileSync(path)]).toEqual([1, 2])
  })

  it('of two who write the same the last one has it, whole, and the other is told', () => {
    const place = join(folder, 'shared')
    const [first, second] = [openWhole(place), openWhole(place)]
    writeSync(first.descriptor, 'a long one')
    writeSync(second.descriptor, 'short')
    expect(() => first.close()).toThrow('another run has written it meanwhile')
    second.close()
    expect(readFileSync(place, 'utf8')).toBe('short')
    const third = openWhole(place)
    openWhole(place).close()
    expect(() => third.close()).toThrow('another run has written it meanwhile')
    expect(existsSync(`${place}.part`)).toBe(false)
  })

  it('leaves nothing behind when the place turns out to be none', () => {
    const place = join(folder, 'place')
    const whole = openWhole(place)
    mkdirSync(place)
    expect(() => whole.close()).toThrow()
    expect(existsSync(`${place}.part`)).toBe(false)
  })

  it.each([
    [
      'a folder that is a file',
      'file/out.npy',
      /^\S+file\/out\.npy: it cannot be written \(ENOTDIR\); choose another place$/,
    ],
    ['a folder below a file', 'file/below/out.npy', /^\S+out\.npy: it cannot be written \(ENOTDIR\); /],
    ['a file that is a folder', '.', /: it cannot be written \(EISDIR\); /],
  ])('refuses %s in one sentence', (_, name, sentence) => {
    expect(() => writeOutput(join(folder, name), 'x')).toThrow(
      expect.objectContaining({ code: 'output-unwritable', render: expect.any(Function) }),
    )
    try {
      writeOutput(join(folder, name), 'x')
    } catch (error) {
      expect((error as { render(): string }).render()).toMatch(sentence)
    }
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('kept')
  })

  it('replaces what a link leads to, and keeps the link', () => {
    const [link, target] = [join(folder, 'link'), join(folder, 'target')]
    writeFileSync(target, 'old')
    symlinkSync(target, link)
    writeOutput(link, 'new')
    expect([readFileSync(target, 'utf8'), lstatSync(link).isSymbolicLink()]).toEqual(['new', true])
  })

  it.skipIf(process.platform === 'win32')('writes into a pipe, and leaves it one', async () => {
    const pipe = join(folder, 'pipe')
    execFileSync(MKFIFO, [pipe])
    const read = readFile(pipe, 'utf8')
    await new Promise((resolve) => setTimeout(resolve, 50))
    writeOutput(pipe, 'through')
    expect(await read).toBe('through')
    expect(statSync(pipe).isFIFO()).toBe(true)
  })

  it('leaves what was there, and nothing beside it, when the content cannot be written', () => {
    const path = join(folder, 'file')
    expect(() => writeWhole(path, {} as Uint8Array)).toThrow()
    expect(readFileSync(path, 'utf8')).toBe('kept')
    expect(existsSync(`${path}.part`)).toBe(false)
  })

  it.skipIf(!existsSync('/proc/self'))('refuses a folder where none can be made', () => {
    expect(() => writeOutput('/proc/none/below/out.npy', 'x')).toThrow(
      expect.objectContaining({ code: 'output-unwritable', message: 'it cannot be written (ENOENT)' }),
    )
  })
})
