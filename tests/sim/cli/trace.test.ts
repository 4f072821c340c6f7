import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { makeElf } from '../elf/make-elf.ts'
import { asm, bytes, exit, li, START } from '../guest.ts'

const folder = mkdtempSync(join(tmpdir(), 'sim-trace-'))
afterAll(() => rmSync(folder, { recursive: true }))

const main = fileURLToPath(new URL('../../../sim/cli/main.ts', import.meta.url))

function start(...args: readonly string[]) {
  return spawn(process.execPath, ['--import', 'tsx', main, ...args], { cwd: folder })
}

function sim(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = start(...args)
  let [out, err] = ['', '']
  child.stdout.on('data', (data) => (out += data))
  child.stderr.on('data', (data) => (err += data))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

function firmware(name: string, program: readonly number[]): string {
  const symbols = [{ name: 'main', address: START, size: program.length * 4 }]
  const segments = [{ address: START, bytes: bytes(program), memorySize: program.length * 4 }]
  writeFileSync(join(folder, name), makeElf({ entry: START, segments, symbols }))
  return name
}

const five = firmware('five.elf', [...li(5, 5), asm('add', { rd: 6, rs1: 5, rs2: 5 }), ...exit])
const six = firmware('six.elf', [...li(5, 6), asm('add', { rd: 6, rs1: 5, rs2: 5 }), ...exit])
const endless = firmware('endless.elf', [asm('addi', { rd: 5, rs1: 5, imm: 1 }), asm('jal', { imm: -4 })])

describe.concurrent('a recorded run', () => {
  it('is converted, counted, and compared with another', async () => {
    await sim('run', five, '--trace=five.simtrace')
    await sim('run', six, '--trace=six.simtrace')
    const counts = JSON.parse((await sim('trace', 'stat', 'five.simtrace', '--json')).out)
    expect(counts).toMatchObject({ program: five, instructions: 8, complete: true, events: { mmio: 1 } })
    const log = await sim('trace', 'convert', 'five.simtrace', '--to', 'spike', '-o', 'five.log')
    expect(log).toEqual({ code: 0, out: '', err: '' })
    expect(readFileSync(join(folder, 'five.log'), 'utf8')).toContain(
      'core   0: 3 0x80000004 (0x00528293) x5  0x00000005\n',
    )
    const same = await sim('trace', 'diff', 'five.simtrace', 'five.simtrace')
    expect(same).toEqual({ code: 0, out: 'the traces are the same\n', err: '' })
    const other = await sim('trace', 'diff', 'five.simtrace', 'six.simtrace')
    expect(other.code).toBe(1)
    expect(other.out).toContain('+ cycle 1: 0x80000004 (0x00628293) x5 = 0x00000006  [main]')
  })

  it('that is killed leaves a file that is readable up to the cut', async () => {
    const child = start('run', endless, '--trace=killed.simtrace')
    const part = join(folder, 'killed.simtrace.part')
    const hasChunk = () => existsSync(part) && readFileSync(part).length > 4000
    while (!hasChunk()) await new Promise((resolve) => setTimeout(resolve, 50))
    child.kill('SIGKILL')
    await new Promise((resolve) => child.on('close', resolve))
    const counts = JSON.parse((await sim('trace', 'stat', 'killed.simtrace.part', '--json')).out)
    expect(counts.complete).toBe(false)
    expect(counts.instructions).toBeGreaterThanOrEqual(1 << 20)
  })

  it.each([
    [
      'a narrowed text log',
      ['run', five, '--trace=log.txt', '--trace-from', '3'],
      '--trace-from needs a trace to narrow',
    ],
    ['two windows', ['run', five, '--trace=x.simtrace', '--trace-from', '3', '--trace-region', '1'], 'in one way only'],
    ['an unknown function', ['run', five, '--trace=x.simtrace', '--trace-function', 'f'], 'has no function f'],
    ['an unknown event', ['run', five, '--trace=x.simtrace', '--trace-events', 'all'], 'Choose of commit, mem'],
    ['a file that cannot be written', ['run', five, '--trace=/nosuch/x.simtrace'], 'cannot be written (ENOENT)'],
    ['what is no trace', ['trace', 'stat', five], 'it is no trace'],
    ['an unknown format', ['trace', 'convert', five, '--to', 'gif'], 'is invalid'],
  ])('is refused with one sentence: %s', async (_what, args, message) => {
    const { code, err } = await sim(...args)
    expect(code).toBe(125)
    expect(err).toContain(message)
  })
})
