/** The flattened form of a device tree (Devicetree Specification 0.4, chapter 5), version 17. */
import type { PropertyValue, TreeNode } from './device-tree.ts'

const MAGIC = 0xd00d_feed
const VERSION = 17
const LAST_COMPATIBLE_VERSION = 16
const HEADER_BYTES = 40
/** One terminating entry: no memory is reserved. */
const RESERVATION_BYTES = 16
const BEGIN_NODE = 1
const END_NODE = 2
const PROPERTY = 3
const END = 9

/** The bytes that firmware finds at the address in a1. */
export function encodeDtb(root: TreeNode): Uint8Array {
  const strings = new StringTable()
  const structure = Uint8Array.from([...nodeBytes(root, strings), ...word(END)])
  const names = Uint8Array.from(strings.bytes)
  const structureAt = HEADER_BYTES + RESERVATION_BYTES
  const namesAt = structureAt + structure.length
  const header = [
    MAGIC,
    namesAt + names.length,
    structureAt,
    namesAt,
    HEADER_BYTES,
    VERSION,
    LAST_COMPATIBLE_VERSION,
    0,
    names.length,
    structure.length,
  ]
  const blob = new Uint8Array(namesAt + names.length)
  blob.set(header.flatMap(word))
  blob.set(structure, structureAt)
  blob.set(names, namesAt)
  return blob
}

/** Names of properties, each once. */
class StringTable {
  readonly bytes: number[] = []
  private readonly places = new Map<string, number>()

  place(name: string): number {
    const known = this.places.get(name)
    if (known !== undefined) return known
    const place = this.bytes.length
    this.places.set(name, place)
    this.bytes.push(...terminated(name))
    return place
  }
}

function nodeBytes({ name, properties, children }: TreeNode, strings: StringTable): number[] {
  return [
    ...word(BEGIN_NODE),
    ...padded(terminated(name)),
    ...Object.entries(properties).flatMap(([property, value]) => {
      const bytes = valueBytes(value)
      return [...word(PROPERTY), ...word(bytes.length), ...word(strings.place(property)), ...padded(bytes)]
    }),
    ...children.flatMap((child) => nodeBytes(child, strings)),
    ...word(END_NODE),
  ]
}

function valueBytes(value: PropertyValue): number[] {
  if (value === true) return []
  return value.flatMap((item) => {
    if (typeof item === 'string') return terminated(item)
    return word(typeof item === 'number' ? item : item.phandle)
  })
}

/** Big-endian. */
const word = (value: number) => [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]
const terminated = (text: string) => [...new TextEncoder().encode(text), 0]
const padded = (bytes: readonly number[]) => [...bytes, ...Array<number>(-bytes.length & 3).fill(0)]
