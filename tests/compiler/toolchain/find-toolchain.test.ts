import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { findToolchain } from '../../../compiler/toolchain/find-toolchain.ts'
import { isaLetters } from '../../../compiler/toolchain/isa.ts'
import { UserError } from '../../../sim/diagnostic.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'presilicon-test-'))
  vi.stubEnv('PATH', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** Puts a program on the PATH that prints `text` whatever it is asked. */
function program(name: string, text: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\necho '${text}'\n`, { mode: 0o755 })
}

function failure(name?: string): UserError {
  try {
    findToolchain(name)
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return error as UserError
  }
  throw new Error('a toolchain was found')
}

describe('findToolchain', () => {
  test('finds the compiler that npm brought without looking at the PATH', () => {
    const { name, version } = findToolchain()
    expect(name).toBe('zig')
    expect(version).toMatch(/^zig \d+\.\d+\.\d+/)
  })

  test('finds a cross compiler on the PATH and takes the version it gives itself', () => {
    program('riscv64-unknown-elf-gcc', 'gcc 99.1')
    expect(findToolchain('gcc')).toMatchObject({ name: 'gcc', version: 'gcc 99.1' })
  })

  test('finds gcc under the name that other distributions give it', () => {
    program('riscv-none-elf-gcc', 'xPack 13')
    expect(findToolchain('gcc').version).toBe('xPack 13')
  })

  test('takes a clang only when it knows RISC-V and has its linker', () => {
    program('clang', 'clang 99 for riscv32')
    expect(failure('clang').code).toBe('toolchain-missing')
    program('ld.lld', 'LLD')
    expect(findToolchain('clang').version).toBe('clang 99 for riscv32')
    program('clang', 'clang 99 for x86 only')
    expect(failure('clang').code).toBe('toolchain-missing')
  })

  test.each([
    ['gcc', 'apt install gcc-riscv64-unknown-elf'],
    ['clang', 'apt install clang lld'],
  ])('says in one sentence how to get a missing %s', (name, way) => {
    const error = failure(name)
    expect(error.code).toBe('toolchain-missing')
    expect(error.render()).toContain(`the toolchain ${name} was not found; install it`)
    expect(error.render()).toContain(way)
    expect(error.render()).not.toContain('\n')
  })

  test('lists the toolchains for a name that is none', () => {
    expect(failure('msvc').render()).toBe('there is no toolchain msvc; choose one of zig, gcc, clang')
    expect(failure('constructor').code).toBe('toolchain-unknown')
  })
})

describe('isaLetters', () => {
  test('reads short and long ISA strings', () => {
    expect(isaLetters('rv32i')).toEqual([])
    expect(isaLetters('rv32im')).toEqual(['m'])
    expect(isaLetters('rv32imac_zicsr_zifencei')).toEqual(['m', 'a', 'c'])
  })

  test.each(['rv64im', 'rv32e', 'rv32imf', 'rv32im_zba', 'riscv'])('refuses %s', (isa) => {
    expect(() => isaLetters(isa)).toThrow(`firmware cannot be built for the ISA ${isa}`)
  })
})
