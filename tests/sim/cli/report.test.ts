import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import type { ReportData } from '../../../sim/report/report-data.ts'
import { makeElf } from '../elf/make-elf.ts'
import { asm, bytes, exit, li, START } from '../guest.ts'

const folder = mkdtempSync(join(tmpdir(), 'sim-report-'))
afterAll(() => rmSync(folder, { recursive: true }))

const main = fileURLToPath(new URL('../../../sim/cli/main.ts', import.meta.url))
const sim = async (...args: readonly string[]) =>
  (
    await promisify(execFile)(process.execPath, ['--import', import.meta.resolve('tsx'), main, ...args], {
      cwd: folder,
    })
  ).stdout

const NAME = '</script><img src=x onerror=alert(1)>'
const code = bytes([asm('addi', { rd: 5, imm: 1 }), asm('addi', { rd: 5, imm: 2 }), ...exit])
const symbols = [{ name: NAME, address: START, size: code.length }]
writeFileSync(join(folder, 'a.elf'), makeElf({ entry: START, segments: [{ address: START, bytes: code }], symbols }))

it('sim report runs firmware and writes a page, whatever its functions are called', async () => {
  expect(await sim('report', 'a.elf', '--output', 'a.html', '--cpu', 'ideal')).toBe('wrote a.html\n')
  const page = readFileSync(join(folder, 'a.html'), 'utf8')
  expect(page).toContain('<title>a.elf: report</title>')
  expect(page).not.toContain('<img')
})

it('sim report --json gives the data, and makes the same page of it', async () => {
  const json = await sim('report', 'a.elf', '--json', '--cpu', 'ideal')
  const data = JSON.parse(json) as ReportData
  expect(data.summary).toMatchObject({ cycles: 7, instructions: 7, end: 'It ended with exit code 0.' })
  expect(data.flame!.children).toEqual([{ name: NAME, cycles: 7, children: [] }])
  writeFileSync(join(folder, 'a.json'), json)
  expect(JSON.parse(await sim('report', 'a.json', '--json'))).toEqual(data)
})

it('sim report refuses a place for a page beside --json, which makes none', async () => {
  await expect(sim('report', 'a.elf', '--json', '-o', 'b.html')).rejects.toMatchObject({
    code: 125,
    stderr: expect.stringContaining("option '-o, --output <file>' cannot be used with option '--json'"),
  })
})

it('sim report shows a region that firmware has begun, up to where it stops', async () => {
  const begin = [...li(5, 0xf000_0000), asm('sw', { rs1: 5, rs2: 0 })]
  const stopped = bytes([asm('addi', { rd: 5, imm: 1 }), ...begin, asm('addi', { rd: 5, imm: 2 }), asm('wfi')])
  const segments = [{ address: START, bytes: stopped }]
  writeFileSync(join(folder, 'stopped.elf'), makeElf({ entry: START, segments, symbols: [] }))
  const data = JSON.parse(await sim('report', 'stopped.elf', '--json', '--cpu', 'ideal')) as ReportData
  expect(data.summary.end).toContain('wfi')
  expect(data.summary).toMatchObject({ instructions: 3, cycles: data.hart!.cycles })
})

it('sim report makes a page of a recorded run, and takes no options that come too late for it', async () => {
  await sim('run', 'a.elf', '--trace=a.simtrace', '--cpu', 'ideal')
  const recorded = JSON.parse(await sim('report', 'a.simtrace', '--json')) as ReportData
  expect(recorded).toMatchObject({ title: 'a.elf', summary: { cycles: 7, instructions: 7 } })
  await expect(sim('report', 'a.simtrace', '--cpu', 'ibex')).rejects.toMatchObject({
    code: 125,
    stderr:
      "sim: a.simtrace: the run is over: a trace takes no other SoC, hart or limit; give these options to 'sim run --trace'\n",
  })
})

it('sim report refuses JSON of another kind in one sentence', async () => {
  writeFileSync(join(folder, 'other.json'), '{}')
  await expect(sim('report', 'other.json')).rejects.toMatchObject({
    code: 125,
    stderr: "sim: other.json: this is not the data of a report of this version; make it with 'sim report --json'\n",
  })
})
