/** Every program of `programs/`, built and run to its end; where QEMU can run it, QEMU shows the same. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { qemuVersion } from '../../bench/cpu/qemu.ts'
import { buildProgram, canBuildHosted } from '../../programs/build.ts'
import { type ProgramRow, programs } from '../../programs/programs.ts'
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

it('every folder with C sources is in the list, but for the planted bugs, which have tests of their own', () => {
  const root = new URL('../../programs/', import.meta.url)
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const withSources = folders.filter(({ name }) => readdirSync(new URL(name, root)).some((file) => file.endsWith('.c')))
  const names = withSources.map(({ name }) => name).filter((name) => name !== 'planted-bugs')
  expect(names.sort()).toEqual(programs.map(({ name }) => name).sort())
})

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

/** Console of a program on QEMU. It gets its input when it says that it is ready: QEMU's FIFO reset would lose it. */
async function runOnQemu(row: ProgramRow): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'programs-'))
  const file = join(folder, 'program.elf')
  writeFileSync(file, await buildProgram(row))
  const child = spawn(QEMU, [...QEMU_ARGUMENTS, '-kernel', file], { timeout: 60_000 })
  child.stdin.on('error', () => {})
  let console = ''
  child.stdout.on('data', (bytes: Buffer) => {
    if (console === '') child.stdin.end(programInput(row.name))
    console += bytes
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  rmSync(folder, { recursive: true })
  expect(code).toBe(0)
  return console
}
