import { type CodeView, compareAddresses } from './code-view.ts'
import { discoverRegion } from './discover.ts'
import { REGION_TYPE, TYPES } from './dispatcher.ts'
import type { UnitEnvironment } from './function-writer.ts'
import type { Region } from './region.ts'
import { writeRegion } from './structure.ts'
import { encodeModule } from './wasm/module.ts'

/** Most instructions and functions of a module: large enough to share its fixed cost, small enough to start soon. */
const UNIT_INSTRUCTIONS = 3000
export const UNIT_REGIONS = 32

/** The regions at some addresses and at those of the functions they call, as far as they are known and fit. */
export function gatherRegions(
  code: CodeView,
  entries: readonly number[],
  isTranslated: (pc: number) => boolean,
): Region[] {
  const regions = new Map<number, Region>()
  const queue = [...entries]
  let size = 0
  for (let head = 0; head < queue.length && regions.size < UNIT_REGIONS && size < UNIT_INSTRUCTIONS; head++) {
    const entry = queue[head]!
    if (regions.has(entry) || isTranslated(entry)) continue
    const region = code.instruction(entry) === undefined ? undefined : discoverRegion(code, entry)
    if (region === undefined) continue
    regions.set(entry, region)
    size += region.size
    queue.push(...[...region.callees].sort(compareAddresses))
  }
  return [...regions.values()]
}

/** Everything of the environment but what depends on the other functions of the module. */
export type SharedEnvironment = Omit<UnitEnvironment, 'functionAt' | 'regionType'>

/** A module with one function for each region, exported by its number in the list. */
export function unitModule(shared: SharedEnvironment, regions: readonly Region[]): Uint8Array<ArrayBuffer> {
  const numbers = new Map(regions.map(({ entry }, index) => [entry, index]))
  const env: UnitEnvironment = {
    ...shared,
    functionAt: (pc) => numbers.get(pc),
    regionType: REGION_TYPE,
  }
  return encodeModule({
    types: TYPES,
    functions: regions.map((region, index) => ({
      type: REGION_TYPE,
      body: writeRegion(env, region),
      name: String(index),
    })),
  })
}
