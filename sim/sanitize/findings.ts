import { UserError } from '../diagnostic.ts'
import type { Finding, Side } from './finding.ts'
import { type Kind, kinds } from './kinds.ts'
import { LIBRARY } from './places.ts'

/** Findings beyond these are only counted. */
const MOST_FINDINGS = 100
const MOST_OF_A_KIND = 10

/** Which kinds are looked for. */
export type Selection = ReadonlySet<Kind>

/**
 * Reads `kind,kind` (only these) or `no-kind,no-kind` (all but these).
 * @throws UserError `sanitize-kind`
 */
export function parseSelection(text: string): Selection {
  const names = text.split(',').map((name) => name.trim())
  const known = Object.keys(kinds) as Kind[]
  const without = names.every((name) => name.startsWith('no-'))
  const wanted = names.map((name) => (without ? name.slice('no-'.length) : name))
  const wrong = wanted.find((name) => !Object.hasOwn(kinds, name))
  if (wrong !== undefined)
    throw new UserError(
      'sanitize-kind',
      `the sanitizer finds nothing of kind ${wrong}`,
      `choose of ${known.join(', ')}`,
    )
  return new Set(known.filter((kind) => wanted.includes(kind) !== without))
}

/** Collects findings: the same two places are reported once. */
export class Findings {
  private readonly found = new Map<string, Finding>()
  private readonly ofKind = new Map<Kind, number>()
  private readonly selection: Selection | undefined
  /** Found, but not kept. */
  dropped = 0

  constructor(selection: Selection | undefined) {
    this.selection = selection
  }

  get all(): readonly Finding[] {
    return [...this.found.values()]
  }

  add(kind: Kind, at: number, message: string, first?: Side, second?: Side): void {
    if (this.selection !== undefined && !this.selection.has(kind)) return
    const key = [kind, ...[first, second].map(placeOf)].join('|')
    const known = this.found.get(key)
    if (known !== undefined) {
      this.found.set(key, { ...known, times: known.times + 1 })
      return
    }
    const count = this.ofKind.get(kind) ?? 0
    if (count >= MOST_OF_A_KIND || this.found.size >= MOST_FINDINGS) {
      this.dropped++
      return
    }
    this.ofKind.set(kind, count + 1)
    this.found.set(key, { kind, at, message, ...(first && { first }), ...(second && { second }), times: 1 })
  }
}

/**
 * Accesses on the same line, or the same kind of command queued there, are one place; so are all that a library function
 * does for one call of it.
 */
function placeOf(side: Side | undefined): string {
  if (side === undefined) return ''
  const { what, pc, place, callerPlace } = side
  const command = /^command \d+ (\([^)]*\))/.exec(what)
  const line = place?.file.includes(LIBRARY) === true ? (callerPlace ?? place) : place
  return `${command?.[1] ?? 'hart'}@${line === undefined ? pc : `${line.file}:${line.line}`}`
}
