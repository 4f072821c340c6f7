import { existsSync, readFileSync } from 'node:fs'

/** Version of the package, from the package.json above this file (two levels up in sources, three in a build). */
export function version(): string {
  const places = ['../../package.json', '../../../package.json'].map((path) => new URL(path, import.meta.url))
  const file = places.find((place) => existsSync(place))
  return file === undefined ? 'unknown' : (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
