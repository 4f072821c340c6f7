import type { Findings } from './findings.ts'
import type { Memories } from './memories.ts'
import { hex, type Places } from './places.ts'

/** What all checks of memory share. */
export interface Surroundings {
  readonly findings: Findings
  readonly places: Places
  readonly memories: Memories
}

/** A byte on the bus, by the name of what is there. */
export function byteText({ places, memories }: Surroundings, address: number): string {
  const place = memories.place(address)
  if (place === undefined || place.address === address) return places.addressText(address)
  return `${place.shadow.name} ${hex(place.address)}`
}
