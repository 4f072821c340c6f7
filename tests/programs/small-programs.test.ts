import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { qemuVersion, runQemu } from '../../bench/cpu/qemu.ts'
import { bootProgram, buildProgram } from './firmware.ts'

const isas = ['rv32im_zicsr_zifencei', 'rv32imc_zicsr_zifencei']

describe.each(isas)('%s', (isa) => {
  it('hello prints its text', async () => {
    const machine = await bootProgram('hello/hello.c', { isa })
    expect(machine.run({ maxInstructions: 100_000 })).toMatchObject({
      reason: 'exit',
      exitCode: 0,
      console: 'Hello from a chip that does not exist yet.\n',
    })
  })

  it('interrupts arrive from timer, software and UART, with the hart asleep in between', async () => {
    const machine = await bootProgram('interrupts/interrupts.c', { isa })
    const result = machine.run({ maxInstructions: 100_000 })
    expect(result).toMatchObject({ reason: 'exit', exitCode: 0, console: '3 ticks, 1 software, "echo" by UART\n' })
    expect(result.cycles).toBeGreaterThan(300_000)
    expect(result.instructions).toBeLessThan(20_000)
  })
})

describe.skipIf(qemuVersion() === undefined)('on QEMU (qemu-system-riscv32), where that is installed', () => {
  it.each(['hello/hello.c', 'interrupts/interrupts.c'])('%s prints the same', async (path) => {
    const folder = mkdtempSync(join(tmpdir(), 'programs-'))
    const file = join(folder, 'program.elf')
    writeFileSync(file, await buildProgram(path))
    const other = runQemu(file)
    rmSync(folder, { recursive: true })
    expect((await bootProgram(path)).run().console).toBe(other.console)
  })
})
