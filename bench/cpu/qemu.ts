import { spawnSync } from 'node:child_process'

const PROGRAM = 'qemu-system-riscv32'

/** First line of the version, or undefined when QEMU is not installed. */
export function qemuVersion(): string | undefined {
  const { status, stdout } = spawnSync(PROGRAM, ['--version'], { encoding: 'utf8' })
  return status === 0 ? stdout.split('\n')[0] : undefined
}

/** Runs firmware on QEMU's `virt` machine; `extra` are further arguments, e.g. for `-icount`. */
export function runQemu(
  elf: string,
  extra: readonly string[] = [],
): { readonly seconds: number; readonly console: string } {
  const args = ['-machine', 'virt', '-m', '16M', '-bios', 'none', '-nographic', '-serial', 'stdio', '-monitor', 'none']
  const begin = performance.now()
  const { status, stdout, stderr, error } = spawnSync(PROGRAM, [...args, ...extra, '-kernel', elf], {
    encoding: 'utf8',
    timeout: 120_000,
  })
  // QEMU exits with 0 when a timeout terminates it: only `error` tells.
  if (status !== 0 || error !== undefined) throw new Error(`${PROGRAM} failed on ${elf}: ${error?.message ?? stderr}`)
  return { seconds: (performance.now() - begin) / 1000, console: stdout }
}
