import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { generateReader } from '../../../compiler/import/tflite/generate.ts'

function hasFlatc(): boolean {
  try {
    execFileSync('flatc', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(!hasFlatc())('schema.generated.ts (needs flatc: apt-get install flatbuffers-compiler)', () => {
  it('is what `npm run gen` makes of schema.fbs', () => {
    const checkedIn = new URL('../../../compiler/import/tflite/schema.generated.ts', import.meta.url)
    expect(generateReader()).toBe(readFileSync(checkedIn, 'utf8'))
  })
})
