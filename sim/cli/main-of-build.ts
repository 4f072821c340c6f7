#!/usr/bin/env node
/** `sim` as a build has it: the command line in one file, with its compiled code beside it. */
import { loadBundle } from './bundle.ts'

await loadBundle(new URL('./', import.meta.url)).sim(process.argv.slice(2))
