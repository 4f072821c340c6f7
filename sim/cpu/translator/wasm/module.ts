import { ByteWriter } from './byte-writer.ts'
import { FUNCREF, I32 } from './opcodes.ts'

/** A function type; all values are i32. */
interface FunctionType {
  readonly parameters: number
  readonly results: number
}

interface ModuleFunction {
  /** Index into the module's types. */
  readonly type: number
  /** Of `FunctionBody.finish`. */
  readonly body: Uint8Array
  /** Name under which it is exported. */
  readonly name: string
}

export interface ModuleParts {
  readonly types: readonly FunctionType[]
  readonly functions: readonly ModuleFunction[]
}

const section = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const
const external = { function: 0, table: 1, memory: 2 } as const
const FUNCTION_TYPE = 0x60
const NO_MAXIMUM = 0

/** The bytes of a module that imports memory `env.memory` and function table `env.table` (WebAssembly core, section 5.5). */
export function encodeModule({ types, functions }: ModuleParts): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter()
  out.append([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
  const values = (w: ByteWriter, count: number) => w.sized(new Array<number>(count).fill(I32))
  writeSection(out, section.type, types, (w, { parameters, results }) => {
    w.byte(FUNCTION_TYPE)
    values(w, parameters)
    values(w, results)
  })
  const platform = [
    { name: 'memory', tail: [external.memory, NO_MAXIMUM, 0] },
    { name: 'table', tail: [external.table, FUNCREF, NO_MAXIMUM, 0] },
  ]
  writeSection(out, section.import, platform, (w, { name, tail }) => {
    w.name('env')
    w.name(name)
    w.append(tail)
  })
  writeSection(out, section.function, functions, (w, { type }) => w.unsigned(type))
  writeSection(out, section.export, functions, (w, { name }, index) => {
    w.name(name)
    w.byte(external.function)
    w.unsigned(index)
  })
  writeSection(out, section.code, functions, (w, { body }) => w.sized(body))
  return out.bytes.slice()
}

function writeSection<T>(
  out: ByteWriter,
  id: number,
  items: readonly T[],
  write: (w: ByteWriter, item: T, index: number) => void,
): void {
  const content = new ByteWriter()
  content.unsigned(items.length)
  for (const [index, item] of items.entries()) write(content, item, index)
  out.byte(id)
  out.sized(content.bytes)
}
