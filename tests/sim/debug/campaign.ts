/** Fuzzes the debugger's protocol and snapshot files at length: `tsx tests/sim/debug/campaign.ts [cases]`. */
import { fuzzSessions } from './fuzz.ts'

const cases = Number(process.argv[2] ?? 100_000)
const begin = performance.now()
const { sessions, answers } = fuzzSessions(cases, 20_261_122)
const seconds = ((performance.now() - begin) / 1000).toFixed(0)
console.log(`${cases} cases in ${sessions} sessions, ${answers} answered, no failure, ${seconds} s`)
