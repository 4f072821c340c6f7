/** C source text from values. */
export type CValue =
  | number
  | string
  | boolean
  | ArrayLike<number>
  | readonly CValue[]
  | { readonly [name: string]: CValue }

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** An initialiser: `{ alsoReduced: 2 }` becomes `{.also_reduced = 2}`; strings are taken as they are. */
export function initialiser(value: CValue): string {
  // The smallest int32 has no literal in C.
  if (typeof value === 'number') return value === -(2 ** 31) ? '(-2147483647 - 1)' : String(value)
  if (typeof value === 'string' || typeof value === 'boolean') return String(value)
  if ('length' in value) return `{${Array.from(value as ArrayLike<CValue>, initialiser).join(', ')}}`
  return `{${Object.entries(value)
    .map(([name, part]) => `.${snakeCase(name)} = ${initialiser(part)}`)
    .join(', ')}}`
}

/** `static const int8_t name[] = {...};` */
export function constantArray(type: string, name: string, values: ArrayLike<number> | readonly CValue[]): string {
  return `static const ${type} ${name}[] = ${initialiser(values)};\n`
}
