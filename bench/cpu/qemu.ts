import { spawnSync } from 'node:child_process'

/** QEMU's system emulator for this architecture. */
export const QEMU = 'qemu-system-riscv32'

/** First line of its version, or undefined when it is not installed. */
export function qemuVersion(): string | undefined {
  const { status, stdout } = spawnSync(QEMU, ['--version'], { encoding: 'utf8' })
  return status === 0 ? stdout.split('\n')[0] : undefined
}
