import { readFileSync } from 'node:fs'

const SCHEDSTAT = '/proc/thread-self/schedstat'

/**
 * Seconds of processor time that this thread has had, where the system tells (Linux); else of time. It leaves out other
 * users of the machine, and V8's compiling threads, which have a core of their own on an idle one.
 */
export const threadSeconds: () => number = hasSchedstat()
  ? () => Number(readFileSync(SCHEDSTAT, 'utf8').split(' ')[0]) / 1e9
  : () => performance.now() / 1000

function hasSchedstat(): boolean {
  try {
    return Number(readFileSync(SCHEDSTAT, 'utf8').split(' ')[0]) > 0
  } catch {
    return false
  }
}
