import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { UserError } from '../../sim/diagnostic.ts'

/** Files that exist only in memory, by the name under which sources include them. */
export type GeneratedFiles = ReadonlyMap<string, string | Uint8Array>

/** One translation unit. */
export interface Unit {
  /** Base name, for messages. */
  readonly name: string
  /** Path on disk, or undefined for a generated file. */
  readonly path: string | undefined
  /** Hash of its contents and of every file that it includes, directly or not. */
  readonly hash: string
}

/** Both forms that pull in another file; conditions are not evaluated, which can only add files. */
const inclusion = /^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]|\.incbin[ \t]+\\?"([^"\\\n]+)\\?"/gm

/**
 * Reads translation units and hashes what they depend on. Headers that are found neither beside the
 * including file, nor among the generated files, nor in the include folders belong to the toolchain,
 * whose version is part of every key.
 */
export class SourceReader {
  private readonly includeDirs: readonly string[]
  private readonly generated: GeneratedFiles
  private readonly files = new Map<
    string,
    { readonly hash: string; readonly includes: readonly string[] } | undefined
  >()

  constructor(includeDirs: readonly string[], generated: GeneratedFiles) {
    this.includeDirs = includeDirs
    this.generated = generated
  }

  /** @throws UserError `source-missing` */
  unit(path: string): Unit {
    if (this.read(path) === undefined)
      throw new UserError('source-missing', 'this source file cannot be read', 'check its path', { file: path })
    return { name: basename(path), path, hash: this.hashOf(path) }
  }

  generatedUnit(name: string): Unit {
    return { name, path: undefined, hash: this.hashOf(name) }
  }

  /** Depth-first over inclusions, each file once, so that cycles end and the order is always the same. */
  private hashOf(root: string): string {
    const hash = createHash('sha256')
    const seen = new Set<string>()
    const visit = (file: string) => {
      if (seen.has(file)) return
      seen.add(file)
      const { hash: own, includes } = this.read(file)!
      hash.update(basename(file)).update('\0').update(own)
      for (const include of includes) {
        const found = this.resolve(include, file)
        if (found !== undefined) visit(found)
      }
    }
    visit(root)
    return hash.digest('hex')
  }

  private resolve(include: string, from: string): string | undefined {
    const beside = join(dirname(from), include)
    const candidates = [
      ...(this.generated.has(from) ? [] : [beside]),
      include,
      ...this.includeDirs.map((dir) => join(dir, include)),
    ]
    return candidates.find((candidate) =>
      candidate === include ? this.generated.has(include) : this.read(candidate) !== undefined,
    )
  }

  private read(file: string) {
    if (!this.files.has(file)) {
      const contents = this.generated.get(file) ?? readIfThere(file)
      this.files.set(file, contents === undefined ? undefined : digest(contents))
    }
    return this.files.get(file)
  }
}

function digest(contents: string | Uint8Array) {
  const text = typeof contents === 'string' ? contents : ''
  const includes = [...text.matchAll(inclusion)].map((match) => (match[1] ?? match[2])!)
  return { hash: createHash('sha256').update(contents).digest('hex'), includes }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
