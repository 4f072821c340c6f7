import { randomUUID } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { makeFolder } from './make-folder.ts'

/** What the cache may hold of one kind before the entries that were not used for longest go. */
const LIMIT_BYTES = 256 << 20

/** Folder of everything that Presilicon keeps between runs: $XDG_CACHE_HOME/presilicon or ~/.cache/presilicon. */
export function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME
  return join(base !== undefined && base !== '' ? base : join(homedir(), '.cache'), 'presilicon')
}

/** Whether builds can keep anything in a cache with this root: homes in containers are often read-only. */
export function isUsable(root: string): boolean {
  try {
    for (const kind of ['objects', 'firmware', 'zig']) {
      makeFolder(join(root, kind))
      accessSync(join(root, kind), constants.W_OK)
    }
    return true
  } catch {
    return false
  }
}

/**
 * Files under the hash of everything that went into them. Entries appear by rename, so that a
 * reader never sees half a file and parallel builds may write the same one.
 */
export class BuildCache {
  private readonly folder: string
  private readonly suffix: string

  /** @param kind subfolder, e.g. `objects` */
  constructor(root: string, kind: string, suffix: string) {
    this.folder = join(root, kind)
    this.suffix = suffix
    makeFolder(this.folder)
  }

  path(key: string): string {
    return join(this.folder, key + this.suffix)
  }

  has(key: string): boolean {
    return existsSync(this.path(key))
  }

  /** Contents of an entry, which counts as a use of it, or undefined. */
  read(key: string): Uint8Array | undefined {
    try {
      const bytes = readFileSync(this.path(key))
      const now = new Date()
      utimesSync(this.path(key), now, now)
      return bytes
    } catch {
      return undefined
    }
  }

  /** A file name to write a new entry to, on the same file system. */
  draft(): string {
    return join(this.folder, `${randomUUID()}.tmp`)
  }

  /** Makes a finished draft the entry `key`. */
  commit(draft: string, key: string): void {
    renameSync(draft, this.path(key))
  }

  /** Removes the oldest entries beyond the limit, and drafts that a killed build left behind. */
  prune(limit = LIMIT_BYTES): void {
    const entries = readdirSync(this.folder).flatMap((name) => {
      const path = join(this.folder, name)
      const stats = statSync(path, { throwIfNoEntry: false })
      return stats === undefined ? [] : [{ path, bytes: stats.size, time: stats.mtimeMs }]
    })
    entries.sort((a, b) => b.time - a.time)
    let total = 0
    for (const { path, bytes, time } of entries) {
      total += bytes
      const abandoned = path.endsWith('.tmp') && time < Date.now() - 3_600_000
      if (total > limit || abandoned) rmSync(path, { force: true })
    }
  }
}
