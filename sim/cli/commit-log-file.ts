import { closeSync, openSync, writeSync } from 'node:fs'
import { UserError } from '../diagnostic.ts'
import type { Probe } from '../probe/probe.ts'
import { CommitLog } from '../trace/commit-log.ts'
import { refuseInput } from './read-input.ts'
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
    writeAll(file, descriptor, pending)
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
  refuseInput(file)
  try {
    return openSync(file, 'w')
  } catch (error) {
    throw unwritable(file, error)
  }
}

function unwritable(file: string, error: unknown): UserError {
  const { code } = error as NodeJS.ErrnoException
  return new UserError('trace-file', `the trace cannot be written (${code})`, 'choose another file', { file })
}

/** Writes all of a text, as slowly as its reader takes it; a reader that has gone ends the process. */
function writeAll(file: string, descriptor: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') endQuietly(error)
      else if (code !== 'EAGAIN') throw unwritable(file, error)
    }
  }
}
