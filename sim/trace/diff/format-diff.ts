import type { TraceReader } from '../reader.ts'
import type { TraceComparison } from './diff-traces.ts'
import { windowText } from './remarks.ts'
import type { TraceStep } from './step.ts'

/** A comparison as text: what differs, what came before, where in the program; then how much time has moved. */
export function formatDiff(comparison: TraceComparison, a: TraceReader, b: TraceReader): string {
  const { remarks, difference, shift, same, leftOut } = comparison
  const lines = remarks.map(({ message }) => message)
  if (leftOut.length > 0) lines.push(`not compared, because only one was recorded with it: ${leftOut.join(', ')}`)
  if (difference === undefined && shift === undefined) return `${[...lines, 'the traces are the same'].join('\n')}\n`
  if (difference === undefined) lines.push(`the same ${same} steps, in other cycles`)
  else {
    lines.push(differenceText(difference, a, b))
    for (const step of difference.before) lines.push(`    ${stepText(step, a)}`)
    lines.push(`  - ${difference.a === undefined ? endText(a) : stepText(difference.a, a)}`)
    lines.push(`  + ${difference.b === undefined ? endText(b) : stepText(difference.b, b)}`)
  }
  if (shift !== undefined) {
    const { first, last, sequence } = shift
    const grown = first === last ? '' : `, ${late(last)} with the last step that is the same`
    lines.push(`time: ${sequenceText(sequence)} is ${late(first)} from here on${grown}`)
    lines.push(`  - ${stepText(shift.a, a)}`, `  + ${stepText(shift.b, b)}`)
  }
  return `${lines.join('\n')}\n`
}

/** Where a trace ends that does not hold all of its run, nothing differs. */
function differenceText(
  difference: NonNullable<TraceComparison['difference']>,
  a: TraceReader,
  b: TraceReader,
): string {
  const { sequence, same } = difference
  const ended = difference.a === undefined ? a : difference.b === undefined ? b : undefined
  if (ended !== undefined && holdsPart(ended)) {
    return `what ${sequenceText(sequence)} did is the same in ${same} steps, up to where ${ended.file} ends:`
  }
  return `they differ in what ${sequenceText(sequence)} did, after ${same} steps that are the same:`
}

const holdsPart = ({ complete, header }: TraceReader) => !complete || header.window !== undefined

function endText({ complete, header: { window } }: TraceReader): string {
  if (!complete) return 'the trace is cut off here'
  return window === undefined ? 'the trace ends' : `the trace ends: it was recorded ${windowText(window)}`
}

const late = (cycles: number) =>
  `${Math.abs(cycles)} cycle${Math.abs(cycles) === 1 ? '' : 's'} ${cycles > 0 ? 'later' : 'earlier'}`

const sequenceText = (sequence: string) =>
  sequence === 'hart' ? 'the hart' : `the accelerator or platform (${sequence})`

function stepText({ at, pc, text }: TraceStep, trace: TraceReader): string {
  if (pc === undefined) return `cycle ${at}: ${text}`
  const line = trace.lineAt(pc)
  const place = line === undefined ? '' : `, ${line.file}:${line.line}`
  return `cycle ${at}: ${text}  [${trace.functionAt(pc)}${place}]`
}
