import { UserError } from '../diagnostic.ts'
import { checkSoc } from './check.ts'
import type { BlockKind, SocBlock, SocDescription } from './description.ts'

type Json = Readonly<Record<string, unknown>>
type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const isRange: Check = (value) => isObject(value) && isCount(value.base) && isCount(value.size)
const isParameters: Check = (value) =>
  isObject(value) && Object.values(value).every((entry) => typeof entry === 'number')
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)

const common = { kind: isText, name: isText, base: isCount, size: isCount, doc: isText }
/** Fields of every kind of block. */
const blockFields: Readonly<Record<BlockKind, Readonly<Record<string, Check>>>> = {
  ram: { ...common, waitStates: optional(isCount) },
  rom: { ...common, waitStates: optional(isCount) },
  finisher: common,
  clint: common,
  plic: common,
  markers: common,
  uart16550: { ...common, irq: isCount, clockHz: optional(isCount) },
  accelerator: { ...common, irq: isCount, accelerator: isText, window: isRange, parameters: optional(isParameters) },
}
const socFields = { name: isText, clockHz: isCount, timebaseHz: isCount, hart: isObject, blocks: Array.isArray }
const hartFields = {
  isa: isText,
  cpu: isText,
  misaligned: (value: unknown) => value === 'trap' || value === 'hardware',
}

/**
 * A SoC description from JSON; fields it leaves out are those of `defaults`, texts that begin with `0x` are numbers.
 *
 * @throws UserError naming the field that is wrong or unknown
 */
export function parseSoc(text: string, defaults: SocDescription): SocDescription {
  const given = parseJson(text)
  if (!isObject(given)) throw invalid('the description is no object', 'write { "blocks": [...] }')
  const merged = { ...defaults, ...given }
  checkFields('the description', merged, socFields)
  const hart = { ...defaults.hart, ...merged.hart }
  checkFields('hart', hart, hartFields)
  const blocks = merged.blocks.map((block: unknown) => (isObject(block) ? { doc: '', ...block } : {}))
  blocks.forEach(checkBlock)
  const soc: SocDescription = { ...merged, hart, blocks: blocks as SocBlock[] }
  checkSoc(soc)
  return soc
}

function checkBlock(block: Json, index: number): void {
  const kind = Object.keys(blockFields).find((known) => known === block.kind)
  if (kind === undefined) {
    throw invalid(`block ${index} has an unknown kind`, `choose one of ${Object.keys(blockFields).join(', ')}`)
  }
  checkFields(`block ${index}`, block, blockFields[kind as BlockKind])
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value) => (/^0x[\da-f]+$/i.test(String(value)) ? Number(value) : value))
  } catch (error) {
    // The parser quotes the text, line ends and all.
    throw invalid(`it is no JSON (${(error as Error).message.replace(/\s+/g, ' ')})`, 'correct the file')
  }
}

function checkFields(what: string, value: object, fields: Readonly<Record<string, Check>>): void {
  const entries = value as Json
  for (const name of Object.keys(entries)) {
    if (!Object.hasOwn(fields, name)) throw invalid(`${what} has an unknown field '${name}'`, 'remove it')
  }
  for (const [name, check] of Object.entries(fields)) {
    if (!check(entries[name])) throw invalid(`${what} has no proper '${name}'`, 'docs/platform.md has its fields')
  }
}

function invalid(message: string, hint: string): UserError {
  return new UserError('soc-invalid', message, hint)
}
