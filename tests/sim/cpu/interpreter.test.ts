import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { opcodes } from '../../../sim/cpu/interpreter/opcodes.ts'
import { interpreterSource } from '../../../sim/cpu/interpreter/source.ts'

const file = new URL('../../../sim/cpu/interpreter/interpreter.generated.ts', import.meta.url)

it('the checked-in interpreter is what the rows generate (npm run gen)', () => {
  expect(readFileSync(file, 'utf8')).toBe(interpreterSource())
})

it('opcodes fit their field', () => {
  expect(Math.max(...opcodes.map(([number]) => number))).toBeLessThan(256)
})
