import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join, normalize, sep } from 'node:path'
import { UserError } from '../diagnostic.ts'
import { errno, type HostFile, HostFileError, type HostFiles, type OpenMode } from '../semihosting/host.ts'

const codes: Readonly<Record<string, number>> = {
  ENOENT: errno.noEntry,
  ENOTDIR: errno.noEntry,
  EEXIST: errno.exists,
  EISDIR: errno.isDirectory,
  EMFILE: errno.tooManyFiles,
  EACCES: errno.denied,
  EPERM: errno.denied,
  ELOOP: errno.denied,
  ENXIO: errno.denied,
}

/**
 * Regular files below one folder, which the guest sees as its root. Paths that lead out of it, by `..` or by a
 * symbolic link, are refused.
 *
 * @throws UserError when there is no such folder
 */
export function semihostingFiles(folder: string): HostFiles {
  const root = realFolder(folder)
  return {
    open: (path, mode) => guarded(() => open(inside(root, path), mode)),
    remove: (path) => guarded(() => unlinkSync(regular(inside(root, path)))),
    rename: (from, to) => guarded(() => renameSync(regular(inside(root, from)), inside(root, to))),
  }
}

function realFolder(folder: string): string {
  try {
    const root = realpathSync(folder)
    if (statSync(root).isDirectory()) return root
  } catch {}
  throw new UserError('semihosting-root', 'there is no such folder', 'name the folder that the guest may use', {
    file: folder,
  })
}

/** The real place of a guest's path, which lies below the real folder `root`. */
function inside(root: string, path: string): string {
  if (path === '' || path.includes('\0')) throw new HostFileError(errno.invalid)
  const wanted = normalize(join(root, path.replaceAll('\\', '/')))
  if (!isBelow(root, wanted)) throw new HostFileError(errno.denied)
  const real = exists(wanted) ? realpathSync(wanted) : join(realpathSync(dirname(wanted)), basename(wanted))
  if (!isBelow(root, real)) throw new HostFileError(errno.denied)
  return real
}

const isBelow = (root: string, path: string) => path.startsWith(root.endsWith(sep) ? root : root + sep)

function exists(path: string): boolean {
  try {
    return lstatSync(path) !== undefined
  } catch {
    return false
  }
}

function regular(path: string): string {
  const status = lstatSync(path)
  if (!status.isFile()) throw new HostFileError(status.isDirectory() ? errno.isDirectory : errno.denied)
  return path
}

/** Never follows a link that appeared meanwhile, never waits for the other end of a pipe. */
function open(path: string, { read, write, create, append }: OpenMode): HostFile {
  const access = read && write ? constants.O_RDWR : write ? constants.O_WRONLY : constants.O_RDONLY
  const creation = create || append ? constants.O_CREAT : 0
  const descriptor = openSync(path, access | creation | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o644)
  const status = fstatSync(descriptor)
  if (!status.isFile()) {
    closeSync(descriptor)
    throw new HostFileError(status.isDirectory() ? errno.isDirectory : errno.denied)
  }
  if (create) ftruncateSync(descriptor)
  return {
    read: (position, into) => guarded(() => readSync(descriptor, into, 0, into.length, position)),
    write: (position, from) =>
      guarded(() => {
        for (let done = 0; done < from.length; ) {
          done += writeSync(descriptor, from, done, from.length - done, position + done)
        }
      }),
    length: () => guarded(() => fstatSync(descriptor).size),
    close: () => guarded(() => closeSync(descriptor)),
  }
}

function guarded<T>(action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (error instanceof HostFileError) throw error
    const { code = '' } = error as NodeJS.ErrnoException
    throw new HostFileError(codes[code] ?? errno.io)
  }
}
