/** Every program of `programs/`, built and run to its end; where QEMU can run it, QEMU shows the same. */
import { spawn, spawnSync } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { qemuVersion } from '../../bench/cpu/qemu.ts'
import { buildFolder, buildProgram, canBuildHosted, programFile } from '../../programs/build.ts'
import { type ProgramRow, programs } from '../../programs/programs.ts'
import { loadElf } from '../../sim/elf/load.ts'
import { parseFault } from '../../sim/inject/parse.ts'
import { expectedConsole, programInput, runProgram } from './firmware.ts'

const withRuntime = programs.filter((row) => !row.picolibc)
const hosted = programs.filter((row) => row.picolibc)
const onQemu = programs.filter((row) => row.notOnQemu === undefined)

describe.each(['rv32im_zicsr_zifencei', 'rv32imc_zicsr_zifencei'])('%s', (isa) => {
  it.each(withRuntime)('$name', async (row) => {
    const { reason, exitCode, console } = await runProgram(row, isa)
    expect({ reason, exitCode, console }).toEqual({
      reason: 'exit',
      exitCode: row.exitCode ?? 0,
      console: expectedConsole(row.name),
    })
  })
})

describe.skipIf(!canBuildHosted())('built by riscv64-unknown-elf-gcc with picolibc, where both are installed', () => {
  it.each(hosted)('$name', async (row) => {
    const { exitCode, console } = await runProgram(row)
    expect({ exitCode, console }).toEqual({ exitCode: row.exitCode ?? 0, console: expectedConsole(row.name) })
  })
})

it('the hart sleeps while it waits for interrupts', async () => {
  const { cycles, instructions } = await runProgram({ name: 'interrupts' })
  expect(cycles).toBeGreaterThan(300_000)
  expect(instructions).toBeLessThan(20_000)
})

it('conv ends when the accelerator stops at an error while it pushes commands', async () => {
  const row = programs.find(({ name }) => name === 'conv')!
  for (const nth of [1, 3, 10, 18]) {
    const inject = [parseFault(`bus-error:range=0x80000000-0x80ffffff,nth=${nth}`)]
    expect(await runProgram(row, undefined, { inject, seed: 1 })).toMatchObject({
      reason: 'exit',
      exitCode: 2,
      console: expect.stringMatching(/^accelerator: bus error/),
    })
  }
})

it('every folder with C sources is in the list, but for the planted bugs, which have tests of their own', () => {
  const root = new URL('../../programs/', import.meta.url)
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const withSources = folders.filter(({ name }) => readdirSync(new URL(name, root)).some((file) => file.endsWith('.c')))
  const names = withSources.map(({ name }) => name).filter((name) => name !== 'planted-bugs')
  expect(names.sort()).toEqual(programs.map(({ name }) => name).sort())
})

describe('a folder of somebody else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'own firmware '))
  const command = fileURLToPath(new URL('../../programs/build.ts', import.meta.url))
  const build = (...args: readonly string[]) =>
    spawnSync(process.execPath, ['--import', import.meta.resolve('tsx'), command, ...args], { encoding: 'utf8' })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('is built as the programs are, with the driver of the accelerator', async () => {
    copyFileSync(programFile('dma-copy', 'main.c'), join(folder, 'main.c'))
    const row = programs.find(({ name }) => name === 'dma-copy')!
    expect(await machineCode(await buildFolder(folder))).toEqual(await machineCode(await buildProgram(row)))
  })

  it.each([
    ['without sources', [fileURLToPath(new URL('.', import.meta.url))], /there is no \.c or \.S file in this folder; /],
    ['that is not there', [join(folder, 'nothing')], /there is no program or folder '.*nothing'; name a folder/],
    ['that is not named', [], /it is not said which program to build; name a folder/],
    [
      'with an output that cannot be',
      [folder, join(folder, 'main.c', 'a.elf')],
      /a\.elf: it cannot be written \(ENOTDIR\)/,
    ],
  ])('%s is refused in one sentence', (_, args, sentence) => {
    const { status, stderr } = build(...args)
    expect({ status, stderr }).toEqual({ status: 125, stderr: expect.stringMatching(sentence) })
  })
})

/** What the hart sees of an ELF file. */
async function machineCode(elf: Uint8Array) {
  const { entry, segments } = await loadElf(elf, 'program')
  return { entry, segments }
}

describe.skipIf(qemuVersion() === undefined)('on QEMU (qemu-system-riscv32), where that is installed', () => {
  it.each(onQemu)('$name prints the same', async (row) => {
    expect(await runOnQemu(row)).toBe((await runProgram(row)).console)
  })
})

const QEMU = 'qemu-system-riscv32'
const QEMU_ARGUMENTS = [
  '-machine',
  'virt',
  '-m',
  '16M',
  '-bios',
  'none',
  '-nographic',
  '-serial',
  'stdio',
  '-monitor',
  'none',
]

/**
 * Console of a program on QEMU. It is written to a file, for QEMU drops characters when whoever reads a pipe is slow.
 * The program gets its input when it says that it is ready: QEMU's FIFO reset would lose it.
 */
async function runOnQemu(row: ProgramRow): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'programs-'))
  const [program, console] = [join(folder, 'program.elf'), join(folder, 'console.txt')]
  writeFileSync(program, await buildProgram(row))
  const output = openSync(console, 'w')
  const child = spawn(QEMU, [...QEMU_ARGUMENTS, '-kernel', program], {
    stdio: ['pipe', output, 'inherit'],
    timeout: 60_000,
  })
  closeSync(output)
  child.stdin?.on('error', () => {})
  const ready = setInterval(() => {
    if (statSync(console).size === 0) return
    child.stdin?.end(programInput(row.name))
    clearInterval(ready)
  }, 10)
  const code = await new Promise((resolve) => child.on('close', resolve))
  clearInterval(ready)
  const text = readFileSync(console, 'utf8')
  rmSync(folder, { recursive: true })
  expect(code).toBe(0)
  return text
}
