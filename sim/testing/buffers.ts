/** Buffers of one call in RAM, each between guard zones that nobody may write. */
import {
  type Argument,
  type ElementAddress,
  type Part,
  type Pointer,
  type ReadOnly,
  type Struct,
  type SymbolAddress,
  scalarBits,
  text,
} from './arguments.ts'
import { bytesOf, describeTensor, type Tensor } from './tensor.ts'

/** Bytes on each side of a buffer. */
const GUARD_BYTES = 64
const ALIGNMENT = 16

/** One buffer. */
export interface Buffer {
  /** For messages: `argument 2 (int8 [4, 4])`. */
  readonly name: string
  readonly address: number
  readonly bytes: number
  /** Whether the function may write it. */
  readonly writable: boolean
}

/** Bytes that were written though they may not be. */
export interface StrayWrite {
  readonly buffer: Buffer
  readonly where: 'before' | 'inside' | 'behind'
  /** How many bytes have changed, and the address of the first. */
  readonly bytes: number
  readonly address: number
}

interface Plan {
  readonly key: object
  readonly name: string
  readonly bytes: number
  writable: boolean
  readonly content: (addresses: Addresses) => Uint8Array
}

interface Addresses {
  of(key: object): number
  symbol(name: string): number
}

/** `3 bytes behind argument 1 (int8 [4]), first at its byte 4` */
export function describeStrayWrite({ buffer, where, bytes, address }: StrayWrite): string {
  const count = `${bytes} byte${bytes === 1 ? '' : 's'}`
  if (where === 'inside')
    return `${count} of ${buffer.name}, which is read-only, first byte ${address - buffer.address}`
  const distance = where === 'before' ? buffer.address - address : address - buffer.address - buffer.bytes
  const side = where === 'before' ? 'before its start' : 'past its end'
  return `${count} ${where} ${buffer.name}, the first ${distance} ${side}`
}

/** What a guard byte at an address holds; neighbours differ, so that copies of a guard are seen too. */
const guardByte = (address: number) => (0xa5 ^ Math.imul(address, 0x35)) & 0xff

/** Lays out what a call's arguments point to, and watches it. */
export class Buffers {
  readonly all: readonly Buffer[]
  readonly base: number
  /** All bytes from `base`, guards included, as they are before the call. */
  readonly before: Uint8Array
  /** The arguments as bits: 32 as a number, 64 as a bigint. */
  readonly values: readonly (number | bigint)[]
  private readonly byKey: ReadonlyMap<object, number>

  /**
   * @param room addresses that the buffers may take, up to but not including `end`
   * @param symbolAddress address of something that the firmware defines; throws when there is none such
   * @throws RangeError when there is not enough room
   */
  constructor(
    given: readonly Argument[],
    room: { readonly begin: number; readonly end: number },
    symbolAddress: (name: string) => number,
  ) {
    const args = given.map((argument) => (typeof argument === 'string' ? text(argument) : argument))
    const plans = planBuffers(args)
    const spans = plans.map(({ bytes }) => GUARD_BYTES + align(bytes, ALIGNMENT))
    const total = spans.reduce((sum, span) => sum + span, GUARD_BYTES)
    this.base = Math.floor((room.end - total) / GUARD_BYTES) * GUARD_BYTES
    if (this.base < room.begin)
      throw new RangeError(`the arguments take ${total} bytes, ${room.end - room.begin} are free`)
    let at = this.base
    this.all = plans.map(({ name, bytes, writable }, i) => {
      const address = at + GUARD_BYTES
      at += spans[i]!
      return { name, address, bytes, writable }
    })
    const byKey = new Map(plans.map(({ key }, i) => [key, this.all[i]!.address]))
    this.byKey = byKey
    const addresses = { of: (key: object) => byKey.get(key)!, symbol: symbolAddress }
    this.before = new Uint8Array(total)
    for (let i = 0; i < total; i++) this.before[i] = guardByte(this.base + i)
    for (const [i, plan] of plans.entries()) this.before.set(plan.content(addresses), this.all[i]!.address - this.base)
    this.values = args.map((argument) =>
      typeof argument !== 'object' || argument.kind === 'float'
        ? scalarBits(argument)
        : addressOf(argument.kind === 'struct' ? { kind: 'pointer', to: argument } : argument, addresses),
    )
  }

  /** Where a tensor was put; undefined when the call had none such. */
  addressOf(tensor: Tensor): number | undefined {
    return this.byKey.get(tensor)
  }

  /** Writes that hit guards or buffers that are read-only; `after` is the memory from `base` after the call. */
  strayWrites(after: Uint8Array): StrayWrite[] {
    const { base, before } = this
    const found: StrayWrite[] = []
    const check = (buffer: Buffer, where: StrayWrite['where'], from: number, to: number) => {
      let [bytes, first] = [0, 0]
      for (let at = from; at < to; at++) {
        if (before[at - base] !== after[at - base] && bytes++ === 0) first = at
      }
      if (bytes > 0) found.push({ buffer, where, bytes, address: first })
    }
    for (const [i, buffer] of this.all.entries()) {
      const end = buffer.address + buffer.bytes
      // What lies between two buffers is the guard of both; the nearer half is blamed on each.
      const next = this.all[i + 1]
      const last = next === undefined ? base + before.length : next.address - GUARD_BYTES / 2
      check(buffer, 'before', buffer.address - (i === 0 ? GUARD_BYTES : GUARD_BYTES / 2), buffer.address)
      if (!buffer.writable) check(buffer, 'inside', buffer.address, end)
      check(buffer, 'behind', end, last)
    }
    return found
  }
}

const align = (value: number, to: number) => Math.ceil(value / to) * to

/** Objects that stand for the same memory: a tensor is one buffer however often it is passed. */
const keyOf = (value: Tensor | ReadOnly): Tensor => (value.kind === 'read-only' ? value.tensor : value)

/** Every buffer that the arguments need, those that structs point to included, each once. */
function planBuffers(args: readonly Part[]): Plan[] {
  const plans = new Map<object, Plan>()
  const visit = (value: Part, name: string) => {
    if (typeof value !== 'object' || !('kind' in value) || value.kind === 'float' || value.kind === 'symbol') return
    if (value.kind === 'pointer') return visit(value.to, name)
    if (value.kind === 'element') return visit(value.tensor, name)
    const known = plans.get(value.kind === 'struct' ? value : keyOf(value))
    if (known !== undefined) {
      known.writable ||= value.kind === 'tensor'
      return
    }
    if (value.kind === 'struct') {
      const { bytes } = encodeStruct(value, undefined)
      const content = (addresses: Addresses) => encodeStruct(value, addresses).content
      plans.set(value, { key: value, name: `${name} (struct)`, bytes, writable: true, content })
      visitMembers(value, name, visit)
      return
    }
    const tensor = value.kind === 'tensor' ? value : value.tensor
    const bytes = tensor.data.byteLength
    const title = `${name} (${describeTensor(tensor)})`
    const content = () => bytesOf(tensor.data)
    plans.set(tensor, { key: tensor, name: title, bytes, writable: value.kind === 'tensor', content })
  }
  for (const [i, argument] of args.entries()) visit(argument, `argument ${i}`)
  return [...plans.values()]
}

function visitMembers({ members }: Struct, name: string, visit: (value: Part, name: string) => void): void {
  for (const [i, member] of members.entries()) {
    const inner = `${name}, member ${i}`
    if (typeof member === 'object' && 'kind' in member && member.kind === 'struct') visitMembers(member, inner, visit)
    else visit(member, inner)
  }
}

/** Size, alignment and content of a struct by the rules of C; pointers are zero without addresses. */
function encodeStruct({ members }: Struct, addresses: Addresses | undefined) {
  const parts: { readonly at: number; readonly bytes: Uint8Array }[] = []
  let [at, alignment] = [0, 1]
  for (const member of members) {
    const { bytes, align: own } = encodeMember(member, addresses)
    at = align(at, own)
    parts.push({ at, bytes })
    at += bytes.length
    alignment = Math.max(alignment, own)
  }
  const content = new Uint8Array(align(at, alignment))
  for (const part of parts) content.set(part.bytes, part.at)
  return { content, bytes: content.length, alignment }
}

function encodeMember(member: Part, addresses: Addresses | undefined): { bytes: Uint8Array; align: number } {
  if (ArrayBuffer.isView(member)) {
    const align = (member as { readonly BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1
    return { bytes: bytesOf(member), align }
  }
  if (typeof member === 'object' && member.kind === 'struct') {
    const { content, alignment } = encodeStruct(member, addresses)
    return { bytes: content, align: alignment }
  }
  const bits = typeof member === 'object' && member.kind !== 'float' ? addressOf(member, addresses) : scalarBits(member)
  const data = typeof bits === 'bigint' ? BigUint64Array.of(bits) : Uint32Array.of(bits)
  return { bytes: bytesOf(data), align: data.BYTES_PER_ELEMENT }
}

/** What a pointer holds. */
function addressOf(
  to: Tensor | ReadOnly | ElementAddress | Pointer | SymbolAddress,
  addresses: Addresses | undefined,
): number {
  if (addresses === undefined) return 0
  if (to.kind === 'symbol') return addresses.symbol(to.name)
  if (to.kind === 'pointer') return addresses.of(to.to)
  if (to.kind !== 'element') return addresses.of(keyOf(to))
  const { data } = keyOf(to.tensor)
  return addresses.of(keyOf(to.tensor)) + to.index * data.BYTES_PER_ELEMENT
}
