/**
 * Framing of the GDB remote serial protocol (GDB manual, appendix E.1): `$data#checksum`, acknowledged by `+` or `-`,
 * and the lone byte 0x03 that interrupts. Whatever lies between packets is skipped.
 */

const DOLLAR = 0x24
const HASH = 0x23
const ESCAPE = 0x7d
const STAR = 0x2a
const INTERRUPT = 0x03
const ESCAPE_BIT = 0x20
/** Longest payload taken, in bytes before unescaping; longer ones are dropped. Announced as PacketSize. */
export const PACKET_BYTES = 0x8000

/** What comes in; `damaged` is a packet whose checksum does not match or that is too long. */
export type Incoming =
  | { readonly kind: 'packet'; readonly payload: Uint8Array }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'damaged' }

/** Cuts a stream of bytes into packets. */
export class PacketReader {
  private state: 'outside' | 'payload' | 'checksum' = 'outside'
  private payload: number[] = []
  private sum = 0
  private digits = ''

  /** Takes the next bytes, in pieces of any size, and returns what is complete with them. */
  read(bytes: Uint8Array): Incoming[] {
    const complete: Incoming[] = []
    for (const byte of bytes) {
      const incoming = this.take(byte)
      if (incoming !== undefined) complete.push(incoming)
    }
    return complete
  }

  private take(byte: number): Incoming | undefined {
    if (byte === DOLLAR) {
      this.begin()
    } else if (this.state === 'outside') {
      if (byte === INTERRUPT) return { kind: 'interrupt' }
    } else if (this.state === 'checksum') {
      this.digits += String.fromCharCode(byte)
      if (this.digits.length === 2) return this.finish()
    } else if (byte === HASH) {
      this.state = 'checksum'
      this.digits = ''
    } else {
      this.sum = (this.sum + byte) & 0xff
      if (this.payload.length <= PACKET_BYTES) this.payload.push(byte)
    }
    return undefined
  }

  private begin(): void {
    this.state = 'payload'
    this.payload = []
    this.sum = 0
  }

  private finish(): Incoming {
    this.state = 'outside'
    const matches = this.digits.toLowerCase() === hexByte(this.sum) && this.payload.length <= PACKET_BYTES
    return matches ? { kind: 'packet', payload: withoutEscapes(this.payload) } : { kind: 'damaged' }
  }
}

/** A packet as it goes over the line. */
export function frame(payload: string | Uint8Array): Uint8Array {
  const bytes: number[] = [DOLLAR]
  let sum = 0
  const push = (byte: number) => {
    bytes.push(byte)
    sum += byte
  }
  for (const byte of typeof payload === 'string' ? new TextEncoder().encode(payload) : payload) {
    if (byte === DOLLAR || byte === HASH || byte === ESCAPE || byte === STAR) {
      push(ESCAPE)
      push(byte ^ ESCAPE_BIT)
    } else push(byte)
  }
  bytes.push(HASH, ...new TextEncoder().encode(hexByte(sum & 0xff)))
  return Uint8Array.from(bytes)
}

function withoutEscapes(payload: readonly number[]): Uint8Array {
  const bytes: number[] = []
  for (let i = 0; i < payload.length; i++) {
    const byte = payload[i]!
    bytes.push(byte === ESCAPE ? (payload[++i] ?? 0) ^ ESCAPE_BIT : byte)
  }
  return Uint8Array.from(bytes)
}

const hexByte = (byte: number) => byte.toString(16).padStart(2, '0')

/** Bytes as pairs of hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, hexByte).join('')
}

/** The bytes of pairs of hexadecimal digits, or undefined when it is something else. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16))
}
