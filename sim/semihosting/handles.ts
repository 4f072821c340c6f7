import type { ConsoleInput } from '../console-input.ts'
import { errno, type HostFile, HostFileError, type HostFiles, type OpenMode } from './host.ts'

const MOST_HANDLES = 64
const NEWLINE = 0x0a
/** Special names of SYS_OPEN. */
const TERMINAL = ':tt'
const FEATURES = ':semihosting-features'
/** Magic number and the extensions that are there: SYS_EXIT_EXTENDED, separate stdout and stderr. */
const FEATURE_BYTES = Uint8Array.of(0x53, 0x48, 0x46, 0x42, 3)

/** An open handle, as data; its file is opened again after a restore. */
type Handle = {
  readonly kind: 'terminal' | 'features' | 'file'
  readonly path: string
  readonly mode: number
  readonly position: number
}

/** Where the terminal leads. */
export interface Terminal {
  readonly input: ConsoleInput
  write(byte: number): void
}

/** The guest's open files, numbered from 1. Everything throws a `HostFileError` that the guest gets as errno. */
export class Handles {
  private readonly hostFiles: HostFiles
  private readonly terminal: Terminal
  private readonly handles = new Map<number, Handle>()
  private readonly files = new Map<number, HostFile>()

  constructor(hostFiles: HostFiles, terminal: Terminal) {
    this.hostFiles = hostFiles
    this.terminal = terminal
  }

  /** @param mode 0 to 11: r, rb, r+, r+b, w, wb, w+, w+b, a, ab, a+, a+b */
  open(path: string, mode: number): number {
    if (mode > 11) throw new HostFileError(errno.invalid)
    const free = Array.from({ length: MOST_HANDLES }, (_, index) => index + 1).find((id) => !this.handles.has(id))
    if (free === undefined) throw new HostFileError(errno.tooManyFiles)
    const kind = path === TERMINAL ? 'terminal' : path === FEATURES ? 'features' : 'file'
    if (kind === 'file') this.files.set(free, this.hostFiles.open(path, openMode(mode)))
    this.handles.set(free, { kind, path, mode, position: 0 })
    return free
  }

  close(id: number): void {
    this.find(id)
    this.files.get(id)?.close()
    this.files.delete(id)
    this.handles.delete(id)
  }

  isTerminal(id: number): boolean {
    return this.find(id).kind === 'terminal'
  }

  length(id: number): number {
    const { kind } = this.find(id)
    return kind === 'features' ? FEATURE_BYTES.length : (this.files.get(id)?.length() ?? 0)
  }

  seek(id: number, position: number): void {
    const handle = this.find(id)
    if (handle.kind === 'terminal') throw new HostFileError(errno.invalid)
    this.handles.set(id, { ...handle, position })
  }

  /** Bytes read, 0 at the end of the file; undefined when the terminal has none yet. */
  read(id: number, into: Uint8Array): number | undefined {
    const handle = this.find(id)
    if (handle.kind === 'terminal') return this.readLine(into)
    const count = this.readAt(id, handle, into)
    this.handles.set(id, { ...handle, position: handle.position + count })
    return count
  }

  write(id: number, from: Uint8Array): void {
    const handle = this.find(id)
    if (handle.kind === 'terminal') {
      for (const byte of from) this.terminal.write(byte)
      return
    }
    const file = this.files.get(id)
    const { write, append } = openMode(handle.mode)
    if (file === undefined || !write) throw new HostFileError(errno.badHandle)
    const position = append ? file.length() : handle.position
    file.write(position, from)
    this.handles.set(id, { ...handle, position: position + from.length })
  }

  save() {
    return [...this.handles]
  }

  /** Opens the files again, as they are now; one that is gone gives errors when it is used. */
  restore(handles: ReturnType<Handles['save']>): void {
    for (const file of this.files.values()) file.close()
    this.files.clear()
    this.handles.clear()
    for (const [id, handle] of handles) {
      this.handles.set(id, handle)
      if (handle.kind !== 'file') continue
      try {
        this.files.set(id, this.hostFiles.open(handle.path, { ...openMode(handle.mode), create: false }))
      } catch (error) {
        if (!(error instanceof HostFileError)) throw error
      }
    }
  }

  private find(id: number): Handle {
    const handle = this.handles.get(id)
    if (handle === undefined) throw new HostFileError(errno.badHandle)
    return handle
  }

  private readAt(id: number, { kind, mode, position }: Handle, into: Uint8Array): number {
    if (kind === 'features') {
      const rest = FEATURE_BYTES.subarray(position, position + into.length)
      into.set(rest)
      return rest.length
    }
    const file = this.files.get(id)
    if (file === undefined || !openMode(mode).read) throw new HostFileError(errno.badHandle)
    return file.read(position, into)
  }

  /** As a terminal does: up to the end of a line, and at least a byte unless the input has ended. */
  private readLine(into: Uint8Array): number | undefined {
    const { input } = this.terminal
    if (into.length > 0 && input.blocks()) return undefined
    let count = 0
    while (count < into.length) {
      const byte = input.take()
      if (byte === undefined) break
      into[count++] = byte
      if (byte === NEWLINE) break
    }
    return count
  }
}

function openMode(mode: number): OpenMode {
  const plus = (mode & 2) !== 0
  const kind = mode >>> 2
  return { read: kind === 0 || plus, write: kind !== 0 || plus, create: kind === 1, append: kind === 2 }
}
