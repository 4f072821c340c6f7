/**
 * Runs the shipped model on all 2,000 held-back digits, with our reference and with tfjs-tflite, and holds the result to
 * what the manifest records. Exits with 1 when it differs.
 */
import { readFileSync } from 'node:fs'
import { loadDigits } from './digits.ts'
import { type Comparison, compare, loadBoth } from './measure.ts'
import { shipped } from './paths.ts'

interface Manifest {
  readonly tolerance: { readonly maxAbsDiff: number; readonly labelsThatDiffer: number }
  readonly measured: { readonly heldBack: Comparison }
}

const { tolerance, measured } = JSON.parse(readFileSync(shipped('manifest.json'), 'utf8')) as Manifest
const { heldBack } = loadDigits()
const answer = await loadBoth()
const now = compare(heldBack, heldBack.map(answer))
const percent = (count: number): string => `${((100 * count) / now.digits).toFixed(2)} %`

console.log(`${now.digits} held-back digits`)
console.log(
  `  reference (TFLite Micro's arithmetic): ${now.correct.reference} correct, ${percent(now.correct.reference)}`,
)
console.log(
  `  tfjs-tflite (independent):             ${now.correct.tfjsTflite} correct, ${percent(now.correct.tfjsTflite)}`,
)
console.log(
  `  same label ${now.sameLabel}, same ten bytes ${now.sameBytes}, largest difference ${now.maxAbsDiff} / 256`,
)

const problems = [
  now.maxAbsDiff > tolerance.maxAbsDiff && `an output differs by more than ${tolerance.maxAbsDiff} steps`,
  now.digits - now.sameLabel > tolerance.labelsThatDiffer && `more than ${tolerance.labelsThatDiffer} labels differ`,
  JSON.stringify(now) !== JSON.stringify(measured.heldBack) && 'the manifest records other numbers',
].filter((problem) => problem !== false)
for (const problem of problems) console.error(`evaluate: ${problem}`)
process.exitCode = problems.length === 0 ? 0 : 1
