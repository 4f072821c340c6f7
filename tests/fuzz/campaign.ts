/**
 * The long form of the differential test: `npm run test:fuzz -- --programs 2000 --seed 1`. Runs generated programs here,
 * in both engines, and in QEMU. Prints every difference with the command that shows it again and the smallest program
 * that does; ends with 1 if there is any. `--first N` begins with a later program of the seed.
 */
import { parseArgs } from 'node:util'
import { checkBatch, formatFailure } from './check-batch.ts'
import { generateBatch } from './generate.ts'
import { qemuVersion } from './qemu.ts'

const MOST_FAILURES = 10

interface Range {
  readonly seed: number
  readonly first: number
  readonly programs: number
}

function main({ seed, first, programs }: Range): number {
  const version = qemuVersion()
  if (version === undefined) {
    process.stderr.write('qemu-system-riscv32 is not installed (Debian: qemu-system-misc)\n')
    return 1
  }
  const begin = performance.now()
  const total = { done: 0, instructions: 0, modules: 0, failures: 0 }
  while (total.done < programs && total.failures < MOST_FAILURES) {
    const batch = generateBatch(seed, first + total.done, programs - total.done)
    const report = checkBatch(batch)
    for (const failure of report.failures) process.stdout.write(`${formatFailure(failure)}\n`)
    total.done += batch.programs.length
    total.instructions += report.instructions
    total.modules += report.modules
    total.failures += report.failures.length
    if (process.stderr.isTTY) process.stderr.write(`\r${total.done} of ${programs} programs`)
  }
  const seconds = ((performance.now() - begin) / 1000).toFixed(0)
  process.stdout.write(
    `${total.done} programs of seed ${seed}, ${total.instructions} instructions, ${total.modules} modules translated, ` +
      `QEMU ${version}: ${total.failures} differences in ${seconds} s\n`,
  )
  return total.failures === 0 ? 0 : 1
}

const { values } = parseArgs({
  options: {
    programs: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    first: { type: 'string', default: '0' },
  },
})
const [programs = 0, seed = 0, first = 0] = [values.programs, values.seed, values.first].map(Number)
if (![programs, seed, first].every(Number.isSafeInteger)) throw new RangeError('the options take whole numbers')
process.exitCode = main({ seed, first, programs })
