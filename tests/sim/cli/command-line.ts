import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../../sim/cli/main.ts', import.meta.url))

interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs `sim` as a process of its own in a folder. */
export function simIn(folder: string) {
  return (...args: readonly string[]): Promise<Outcome> => {
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), main, ...args], { cwd: folder })
    let [out, err] = ['', '']
    child.stdout.on('data', (data) => (out += data))
    child.stderr.on('data', (data) => (err += data))
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
  }
}
