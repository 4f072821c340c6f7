/** Error numbers as newlib and picolibc know them. */
export const errno = {
  noEntry: 2,
  io: 5,
  badHandle: 9,
  denied: 13,
  fault: 14,
  exists: 17,
  isDirectory: 21,
  invalid: 22,
  tooManyFiles: 24,
  notImplemented: 88,
} as const

/** How a file is opened: the twelve modes of `fopen`, without the difference between text and binary. */
export interface OpenMode {
  readonly read: boolean
  readonly write: boolean
  /** Made, or emptied when it is there. */
  readonly create: boolean
  readonly append: boolean
}

/** An open file of the host. */
export interface HostFile {
  /** Fills `into` from offset `position`; returns how many bytes there were. */
  read(position: number, into: Uint8Array): number
  /** Writes all of `from` at offset `position`. */
  write(position: number, from: Uint8Array): void
  length(): number
  close(): void
}

/** Files that the guest may use. Everything can throw a `HostFileError`. */
export interface HostFiles {
  open(path: string, mode: OpenMode): HostFile
  remove(path: string): void
  rename(from: string, to: string): void
}

/** The host refuses; the guest gets the error number. */
export class HostFileError extends Error {
  override readonly name = 'HostFileError'
  readonly errno: number

  constructor(number: number) {
    super(`file error ${number}`)
    this.errno = number
  }
}

/** No file at all: what a guest gets that was not given a folder. */
export const noFiles: HostFiles = {
  open: () => refuse(),
  remove: () => refuse(),
  rename: () => refuse(),
}

function refuse(): never {
  throw new HostFileError(errno.denied)
}
