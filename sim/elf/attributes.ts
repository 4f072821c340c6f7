const TAG_FILE = 1
const TAG_ARCH = 5

/**
 * The architecture string of a `.riscv.attributes` section (RISC-V ELF psABI, "Attributes"), e.g.
 * `rv32i2p1_m2p0_zicsr2p0`; undefined when there is none for RV32 or the section makes no sense.
 */
export function archAttribute(section: Uint8Array): string | undefined {
  if (section[0] !== 0x41) return undefined
  const cursor = { at: 5 }
  if (text(section, cursor) !== 'riscv') return undefined
  while (cursor.at < section.length) {
    const tag = uleb128(section, cursor)
    if (tag === TAG_FILE) {
      cursor.at += 4
    } else if (tag === TAG_ARCH) {
      const arch = text(section, cursor)
      return /^rv32[a-z0-9_]*$/.test(arch) ? arch : undefined
    } else if (tag % 2 === 1) {
      text(section, cursor)
    } else {
      uleb128(section, cursor)
    }
  }
  return undefined
}

interface Cursor {
  at: number
}

function text(bytes: Uint8Array, cursor: Cursor): string {
  let result = ''
  while (cursor.at < bytes.length) {
    const byte = bytes[cursor.at++]!
    if (byte === 0) break
    result += String.fromCharCode(byte)
  }
  return result
}

function uleb128(bytes: Uint8Array, cursor: Cursor): number {
  let value = 0
  for (let shift = 0; cursor.at < bytes.length; shift += 7) {
    const byte = bytes[cursor.at++]!
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) break
  }
  return value
}
