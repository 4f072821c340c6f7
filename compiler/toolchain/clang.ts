import { findExecutable, outputOf } from './find-executable.ts'
import { isaLetters } from './isa.ts'
import type { ToolchainFinder } from './toolchain.ts'

/**
 * LLVM with its own linker. There is no compiler-rt for RISC-V in distributions: the runtime brings
 * 64-bit division, soft float is left out. Clang before 15 does not know Zicsr and Zifencei by name
 * (its assembler takes their instructions anyway), and lld before 15 does not relax.
 */
export const clang: ToolchainFinder = {
  install:
    'install it (Debian and Ubuntu: `apt install clang lld`) so that clang, with RISC-V in it, and ld.lld are on the PATH',
  find() {
    const program = findExecutable(['clang'])
    if (program === undefined || findExecutable(['ld.lld']) === undefined) return undefined
    const version = outputOf(program, ['--version'])?.split('\n')[0]
    const targets = outputOf(program, ['--print-targets'])
    if (version === undefined || !targets?.includes('riscv32')) return undefined
    return {
      name: 'clang',
      version,
      linkFlags: ['-fuse-ld=lld', '-nostdlib', '-Wl,--gc-sections'],
      target: (isa) => [
        '--target=riscv32-unknown-elf',
        `-march=rv32i${isaLetters(isa).join('')}`,
        '-mabi=ilp32',
        '-mno-relax',
        '-DPRESILICON_NO_COMPILER_LIBRARY',
      ],
      // Clang before 15 names assembly files in debug data by their full path, whatever is mapped.
      assemblyFlags: ['-g0'],
      command: (args) => ({ program, arguments: args }),
    }
  },
}
