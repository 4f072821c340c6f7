import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cnn } from '../../../accelerators/cnn/hardware.ts'
import { acceleratorReference } from '../../../sim/accel/reference-docs.ts'

test('reference.generated.md is what `npm run gen` writes', () => {
  const path = new URL('../../../accelerators/cnn/reference.generated.md', import.meta.url)
  expect(readFileSync(path, 'utf8')).toBe(acceleratorReference(cnn))
})
