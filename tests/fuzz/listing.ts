import type { Decoded, Decoder } from '../../sim/cpu/decoder.ts'
import type { Code } from './code.ts'

/** Every instruction of a piece of code on a line of its own: encoding, name and operands. */
export function listing({ halves }: Code, decoder: Decoder): string[] {
  const lines: string[] = []
  for (let at = 0; at < halves.length; ) {
    const half = halves[at]!
    const isLong = (half & 3) === 3 && at + 1 < halves.length
    const raw = isLong ? half | (halves[at + 1]! << 16) : half
    const decoded = decoder.decode(raw)
    const encoding = (raw >>> 0).toString(16).padStart(isLong ? 8 : 4, '0')
    lines.push(`    ${encoding.padEnd(9)} ${decoded === undefined ? 'illegal' : text(decoded)}`)
    at += isLong ? 2 : 1
  }
  return lines
}

function text({ row: { name, format }, rd, rs1, rs2, imm }: Decoded): string {
  switch (format) {
    case 'none':
      return name
    case 'R':
    case 'atomic':
      return `${name} x${rd}, x${rs1}, x${rs2}`
    case 'unary':
    case 'reserve':
      return `${name} x${rd}, x${rs1}`
    case 'S':
    case 'B':
      return `${name} x${rs1}, x${rs2}, ${imm}`
    case 'U':
    case 'J':
      return `${name} x${rd}, ${imm}`
    case 'csr':
      return `${name} x${rd}, 0x${imm.toString(16)}, x${rs1}`
    case 'csri':
      return `${name} x${rd}, 0x${imm.toString(16)}, ${rs1}`
    default:
      return `${name} x${rd}, x${rs1}, ${imm}`
  }
}
