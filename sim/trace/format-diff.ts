import type { TraceComparison, TraceStep } from './diff.ts'
import type { TraceReader } from './reader.ts'

/** A comparison as text: what differs, what came before, where in the program; then how much time has moved. */
export function formatDiff(comparison: TraceComparison, a: TraceReader, b: TraceReader): string {
  const { difference, shift, same, leftOut } = comparison
  const lines: string[] = []
  if (leftOut.length > 0) lines.push(`not compared, because only one was recorded with it: ${leftOut.join(', ')}`)
  if (difference === undefined && shift === undefined) return `${[...lines, 'the traces are the same'].join('\n')}\n`
  if (difference === undefined) lines.push(`the same ${same} steps, in other cycles`)
  else {
    const { sequence, same: before } = difference
    lines.push(`they differ in what ${sequenceText(sequence)} did, after ${before} steps that are the same:`)
    for (const step of difference.before) lines.push(`    ${stepText(step, a)}`)
    lines.push(`  - ${difference.a === undefined ? 'the trace ends' : stepText(difference.a, a)}`)
    lines.push(`  + ${difference.b === undefined ? 'the trace ends' : stepText(difference.b, b)}`)
  }
  if (shift !== undefined) {
    const { first, last, sequence } = shift
    const grown = first === last ? '' : `, ${late(last)} with the last step that is the same`
    lines.push(`time: ${sequenceText(sequence)} is ${late(first)} from here on${grown}`)
    lines.push(`  - ${stepText(shift.a, a)}`, `  + ${stepText(shift.b, b)}`)
  }
  return `${lines.join('\n')}\n`
}

const late = (cycles: number) => `${Math.abs(cycles)} cycles ${cycles > 0 ? 'later' : 'earlier'}`

const sequenceText = (sequence: string) =>
  sequence === 'hart' ? 'the hart' : `the accelerator or platform (${sequence})`

function stepText({ at, pc, text }: TraceStep, trace: TraceReader): string {
  if (pc === undefined) return `cycle ${at}: ${text}`
  const line = trace.lineAt(pc)
  const place = line === undefined ? '' : `, ${line.file}:${line.line}`
  return `cycle ${at}: ${text}  [${trace.functionAt(pc)}${place}]`
}
