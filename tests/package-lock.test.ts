import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface LockedPackage {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

/** Where Node looks for `dependency` from the package at `from`, nearest first. */
function places(from: string, dependency: string): string[] {
  const parents = from.split('/node_modules/')
  const nested = parents.map((_, i) => `${parents.slice(0, parents.length - i).join('/node_modules/')}/`)
  return [...(from === '' ? [] : nested), ''].map((parent) => `${parent}node_modules/${dependency}`)
}

// `npm ci` of npm 11 refuses a lock file without the binaries of the other platforms; npm leaves them out
// when the registry that it was written from does not carry them.
test('the lock file holds every dependency of every package, those of other platforms too', () => {
  const missing = Object.entries(lock.packages).flatMap(([from, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((dependency) => !places(from, dependency).some((place) => lock.packages[place]?.version))
      .map((dependency) => `${dependency} of ${from}`),
  )
  expect(missing).toEqual([])
})
