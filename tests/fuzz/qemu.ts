import { execFileSync } from 'node:child_process'
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseIsa } from '../../sim/cpu/isa.ts'
import { RAM_BYTES } from './layout.ts'

const QEMU = 'qemu-system-riscv32'
const SECONDS = 60

/** Version of the QEMU at hand, undefined when there is none. */
export function qemuVersion(): string | undefined {
  try {
    return /version ([\d.]+)/.exec(execFileSync(QEMU, ['--version'], { encoding: 'utf8' }))?.[1]
  } catch {
    return undefined
  }
}

/** Everything that this platform does not have is off. */
function cpu(isa: string): string {
  const { extensions } = parseIsa(isa)
  const chosen = (['m', 'a', 'c', 'zba', 'zbb', 'zbs'] as const).map((name) => `${name}=${extensions.has(name)}`)
  const absent = ['f', 'd', 's', 'h', 'zbc', 'mmu', 'debug', 'sstc'].map((name) => `${name}=false`)
  return ['rv32', 'u=true', 'pmp=true', 'pmu-num=29', ...chosen, ...absent].join(',')
}

/**
 * Runs from the first byte of RAM until the guest ends the run, with RAM in a file.
 *
 * @returns the beginning of RAM afterwards, as long as the image; undefined when it did not come to its end
 */
export function runQemu(image: Uint8Array, isa: string): Uint8Array | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'))
  const ram = join(folder, 'ram')
  try {
    const file = openSync(ram, 'w')
    writeSync(file, image)
    ftruncateSync(file, RAM_BYTES)
    closeSync(file)
    const backend = `memory-backend-file,id=ram,size=${RAM_BYTES},mem-path=${ram},share=on`
    const machine = ['-M', 'virt,memory-backend=ram', '-m', `${RAM_BYTES >> 20}M`, '-object', backend, '-cpu', cpu(isa)]
    const plain = ['-bios', 'none', '-display', 'none', '-serial', 'none', '-monitor', 'none', '-no-reboot']
    // One instruction takes one nanosecond: its counters are exact, and every run is the same.
    const time = ['-icount', 'shift=0,sleep=off']
    execFileSync(QEMU, [...machine, ...plain, ...time], {
      timeout: SECONDS * 1000,
      killSignal: 'SIGKILL',
      stdio: 'pipe',
    })
    return readFileSync(ram).subarray(0, image.length)
  } catch (error) {
    // Killed after its time, or by an assertion of its own.
    if ((error as { signal?: string | null }).signal) return undefined
    throw error
  } finally {
    rmSync(folder, { recursive: true })
  }
}
