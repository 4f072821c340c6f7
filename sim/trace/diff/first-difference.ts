/** The first place at which two pieces of plain data differ, as `ram.waitStates is 0 and 1`; undefined when they are the same. */
export function firstDifference(a: unknown, b: unknown, path = ''): string | undefined {
  if (!isRecord(a) || !isRecord(b)) return Object.is(a, b) ? undefined : `${path} is ${text(a)} and ${text(b)}`
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = firstDifference(a[key], b[key], pathTo(path, key, a[key] ?? b[key]))
    if (found !== undefined) return found
  }
  return undefined
}

/** What has a name goes by that. */
function pathTo(path: string, key: string, value: unknown): string {
  if (isRecord(value) && typeof value.name === 'string') return value.name
  return path === '' ? key : `${path}.${key}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

const text = (value: unknown) => (value === undefined ? 'not given' : JSON.stringify(value))
