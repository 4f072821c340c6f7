/** A value of C data: a number, an expression as it stands, an array of values, or an object with a value per member. */
export type CValue = number | string | object

/** `inputZeroPoint` as `input_zero_point`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** A C identifier made of any text. */
export function identifier(text: string): string {
  const clean = text.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '')
  return clean === '' || /^[0-9]/.test(clean) ? `n${clean}` : clean
}

/** -2^31 has no literal in C: its minus is an operator applied to a number that does not fit. */
function integer(value: number): string {
  return value === -(2 ** 31) ? '(-2147483647 - 1)' : String(value)
}

/** An initialiser with designated members. */
export function initialiser(value: CValue): string {
  if (typeof value === 'number') return integer(value)
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return `{${value.map(initialiser).join(', ')}}`
  const members = Object.entries(value).map(
    ([name, member]) => `.${snakeCase(name)} = ${initialiser(member as CValue)}`,
  )
  return `{${members.join(', ')}}`
}

/** A C string literal; what is not plain ASCII becomes octal escapes. */
export function stringLiteral(text: string): string {
  const octal = (byte: number) => `\\${byte.toString(8).padStart(3, '0')}`
  const plain = (byte: number) => byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c && byte !== 0x3f
  return `"${[...new TextEncoder().encode(text)].map((byte) => (plain(byte) ? String.fromCharCode(byte) : octal(byte))).join('')}"`
}

/** Text that can stand in a comment. */
export function commentText(text: string): string {
  return text
    .replace(/[^ -~]/g, '?')
    .replaceAll('*/', '* /')
    .replaceAll('/*', '/ *')
}

/** A tensor's name for a comment: converters join the names of all fused operators, the first says enough. */
export function shortName(name: string): string {
  return commentText(name.split(';')[0]!.slice(0, 60))
}
