/**
 * States as bytes: JSON text, then the byte arrays that it refers to. Byte arrays stand in the text as {"$bytes": [offset,
 * length]} and big integers as {"$big": "text"}; no state has members of these names.
 *
 *   0   length of the text (32 bits, little endian)
 *   4   text (UTF-8)
 *   …   byte arrays, one after the other
 */
import type { State } from './state.ts'

const TEXT_AT = 4

/** The bytes of a state. */
export function encodeState(state: State): Uint8Array {
  const arrays: Uint8Array[] = []
  let length = 0
  const text = JSON.stringify(state, (_key, value: State) => {
    if (typeof value === 'bigint') return { $big: value.toString() }
    if (!(value instanceof Uint8Array)) return value
    arrays.push(value)
    length += value.length
    return { $bytes: [length - value.length, value.length] }
  })
  const json = new TextEncoder().encode(text)
  const bytes = new Uint8Array(TEXT_AT + json.length + length)
  new DataView(bytes.buffer).setUint32(0, json.length, true)
  bytes.set(json, TEXT_AT)
  let at = TEXT_AT + json.length
  for (const array of arrays) {
    bytes.set(array, at)
    at += array.length
  }
  return bytes
}

/** The state in bytes of `encodeState`. @throws Error when they are something else */
export function decodeState(bytes: Uint8Array): State {
  const textLength = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true)
  const arrays = bytes.subarray(TEXT_AT + textLength)
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(TEXT_AT, TEXT_AT + textLength))
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value
    if ('$big' in value) return BigInt(value.$big as string)
    if (!('$bytes' in value)) return value
    const [offset, length] = value.$bytes as [number, number]
    if (offset + length > arrays.length) throw new RangeError('a byte array lies outside of the state')
    return arrays.slice(offset, offset + length)
  }) as State
}
