/** Functions of `.debug_info`, and the calls in them that the compiler has inlined. */
import type { DwarfSections } from './dwarf-form.ts'
import type { LineProgram, SourcePlace } from './dwarf-line.ts'
import { type AddressRange, DW_AT, type Entry, Unit } from './dwarf-unit.ts'

/** A function with code of its own, or a call of one that was inlined. */
export interface FunctionScope {
  readonly name: string
  readonly ranges: readonly AddressRange[]
  /** Where an inlined one is called. */
  readonly call: SourcePlace | undefined
  /** Calls inlined into this one. */
  readonly inlined: readonly FunctionScope[]
}

const DW_TAG_INLINED = 0x1d
const DW_TAG_SUBPROGRAM = 0x2e

/** A scope whose name is looked up once all entries are known. */
interface Draft {
  readonly depth: number
  readonly offset: number
  readonly ranges: readonly AddressRange[]
  readonly call: SourcePlace | undefined
  readonly inlined: Draft[]
}

/** Every function that has code, with the inlined calls in it. Units that cannot be read are left out. */
export function readFunctions(sections: DwarfSections, programs: ReadonlyMap<number, LineProgram>): FunctionScope[] {
  const names = new Map<number, string | number>()
  const drafts: Draft[] = []
  for (let offset = 0; offset + 11 < sections.info.length; ) {
    const unit = new Unit(sections, offset)
    if (unit.end <= offset || unit.end > sections.info.length) break
    drafts.push(...readUnit(unit, programs, names))
    offset = unit.end
  }
  const nameOf = (offset: number, hops = 0): string => {
    const known = names.get(offset)
    return typeof known === 'number' && hops < 8 ? nameOf(known, hops + 1) : typeof known === 'string' ? known : '?'
  }
  const finish = ({ offset, ranges, call, inlined }: Draft): FunctionScope => {
    return { name: nameOf(offset), ranges, call, inlined: inlined.map(finish) }
  }
  return drafts.map(finish)
}

/** @param names gets for every function its name, or the entry that has it */
function readUnit(unit: Unit, programs: ReadonlyMap<number, LineProgram>, names: Map<number, string | number>) {
  const { files = [] } = programs.get(Number(unit.root.get(DW_AT.statements))) ?? {}
  const functions: Draft[] = []
  const open: Draft[] = []
  for (const entry of unit.entries()) {
    while (open.length > 0 && open.at(-1)!.depth >= entry.depth) open.pop()
    if (entry.tag !== DW_TAG_SUBPROGRAM && entry.tag !== DW_TAG_INLINED) continue
    const name = nameIn(unit, entry)
    if (name !== undefined) names.set(entry.offset, name)
    const ranges = unit.ranges(entry)
    if (ranges.length === 0) continue
    const { offset, depth } = entry
    const draft: Draft = { offset, depth, ranges, call: callPlace(entry, files), inlined: [] }
    if (entry.tag === DW_TAG_INLINED) open.at(-1)?.inlined.push(draft)
    else functions.push(draft)
    open.push(draft)
  }
  return functions
}

function nameIn(unit: Unit, { attributes }: Entry): string | number | undefined {
  const name = unit.text(attributes.get(DW_AT.linkageName)) ?? unit.text(attributes.get(DW_AT.name))
  const elsewhere = attributes.get(DW_AT.abstractOrigin) ?? attributes.get(DW_AT.specification)
  return name ?? (typeof elsewhere === 'number' ? elsewhere : undefined)
}

function callPlace({ attributes }: Entry, files: readonly string[]): SourcePlace | undefined {
  const file = files[Number(attributes.get(DW_AT.callFile) ?? -1)]
  const line = attributes.get(DW_AT.callLine)
  return file === undefined || typeof line !== 'number' || line === 0 ? undefined : { file, line }
}
