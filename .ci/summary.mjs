// Prints the closing line of a CI run from the test runner's own results; on a machine that has
// everything installed a skipped test is a failure.
import { existsSync, readFileSync } from 'node:fs'

const results = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const skipped = results.numPendingTests + results.numTodoTests
const complete = existsSync(new URL('../../shared/README.md', import.meta.url))
for (const file of results.testResults) {
  for (const test of file.assertionResults) {
    if (test.status === 'failed') console.log(`failed: ${test.fullName}`)
    if (test.status === 'pending' || test.status === 'skipped') console.log(`skipped: ${test.fullName}`)
  }
}
const failed = results.numFailedTests + (results.numFailedTests === 0 && !results.success ? 1 : 0)
if (complete && skipped > 0) console.log('Tests were skipped although every tool is installed.')
console.log(`${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed > 0 || (complete && skipped > 0) ? 1 : 0
