#!/usr/bin/env node
/** `sim` as it runs from sources; a build has `main-of-build.ts` in its place. */
import { sim } from './sim.ts'

await sim(process.argv.slice(2))
