import { closeSync, openSync, writeSync } from 'node:fs'
import { UserError } from '../diagnostic.ts'
import type { Probe } from '../probe/probe.ts'
import { CommitLog } from '../trace/commit-log.ts'
import { endQuietly } from './tolerate-closed-pipe.ts'

const STDERR = 2
/** Lines are written in pieces of about this many characters. */
const PIECE = 1 << 16

/**
 * Opens a commit log.
 *
 * @param file where it goes; `-` is stderr
 * @throws UserError when the file cannot be written
 */
export function openCommitLog(file: string): { readonly probe: Probe; close(): void } {
  const descriptor = file === '-' ? STDERR : create(file)
  let pending = ''
  const flush = () => {
    writeAll(descriptor, pending)
    pending = ''
  }
  const probe = new CommitLog((text) => {
    pending += text
    if (pending.length >= PIECE) flush()
  })
  const close = () => {
    flush()
    if (descriptor !== STDERR) closeSync(descriptor)
  }
  return { probe, close }
}

function create(file: string): number {
  try {
    return openSync(file, 'w')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UserError('trace-file', `the trace cannot be written (${code})`, 'choose another file', { file })
  }
}

/** Writes all of a text, as slowly as its reader takes it; a reader that has gone ends the process. */
function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') endQuietly(error)
    }
  }
}
