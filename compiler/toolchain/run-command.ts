import { spawn } from 'node:child_process'
import type { Command } from './toolchain.ts'

/** How a command ended: its exit code (null when a signal ended it) and everything it printed. */
export interface CommandResult {
  readonly code: number | null
  readonly output: string
}

/** Runs a command in `folder` to its end. */
export function runCommand(command: Command, folder: string): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command.program, command.arguments, {
      cwd: folder,
      env: { ...process.env, LC_ALL: 'C', ...command.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

/**
 * Runs `task` for every item, at most `limit` at a time. After a failure none begins, and the failure is thrown when
 * those under way have ended: whoever cleans up must not do so under them.
 */
export async function forEachParallel<T>(items: readonly T[], limit: number, task: (item: T) => Promise<void>) {
  let next = 0
  const worker = async () => {
    try {
      while (next < items.length) await task(items[next++]!)
    } finally {
      // Past the last item also when a task has failed: nothing more begins.
      next = items.length
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}
