import type { Findings } from './findings.ts'
import type { Memories } from './memories.ts'
import type { Places } from './places.ts'

/** What all checks of memory share. */
export interface Surroundings {
  readonly findings: Findings
  readonly places: Places
  readonly memories: Memories
}
