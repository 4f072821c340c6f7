import { findExecutable, outputOf } from './find-executable.ts'
import { isaLetters } from './isa.ts'
import type { ToolchainFinder } from './toolchain.ts'

/** GNU cross compiler with its libgcc; distributions and vendors name it differently. */
export const gcc: ToolchainFinder = {
  install:
    'install it (Debian and Ubuntu: `apt install gcc-riscv64-unknown-elf`) so that riscv64-unknown-elf-gcc is on the PATH',
  find() {
    const program = findExecutable(['riscv64-unknown-elf-gcc', 'riscv32-unknown-elf-gcc', 'riscv-none-elf-gcc'])
    const version = program === undefined ? undefined : outputOf(program, ['--version'])?.split('\n')[0]
    if (program === undefined || version === undefined) return undefined
    return {
      name: 'gcc',
      version,
      linkFlags: ['-nostdlib', '-Wl,--gc-sections', '-lgcc'],
      // The assembler wants Zicsr and Zifencei named; the driver finds its libraries only without them.
      target: (isa, step) => [
        `-march=rv32i${isaLetters(isa).join('')}${step === 'compile' ? '_zicsr_zifencei' : ''}`,
        '-mabi=ilp32',
      ],
      command: (args) => ({ program, arguments: args }),
    }
  },
}
