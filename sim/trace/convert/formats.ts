import { callgrind } from './callgrind.ts'
import type { TraceFormat } from './format.ts'
import { perfetto } from './perfetto.ts'
import { csv, ndjson } from './records.ts'
import { spike } from './spike.ts'
import { folded, speedscope } from './stacks.ts'
import { vcd } from './vcd.ts'

/** What `sim trace convert --to` knows. */
export const traceFormats: readonly TraceFormat[] = [spike, perfetto, vcd, speedscope, folded, callgrind, csv, ndjson]
