import type { InferReport } from './infer-model.ts'
import type { LayerReport } from './open-session.ts'
import { textTable } from './text-table.ts'

/** What `sim infer` says to people: a table of the layers, memory, and whether the outputs are right. */
export function formatReport(report: InferReport): string {
  const { layers, cycles, instructions, memory } = report
  const macs = layers.reduce((sum, layer) => sum + layer.macs, 0)
  const row = (layer: LayerReport) => [
    layer.index,
    layer.op,
    layer.target,
    layer.macs,
    layer.cycles,
    perCycle(layer.macs, layer.cycles),
    share(layer.cycles, cycles),
  ]
  const rest = cycles - layers.reduce((sum, layer) => sum + layer.cycles, 0)
  const table = textTable([
    ['layer', 'operator', 'ran on', 'MACs', 'cycles', 'MAC/cycle', '%'],
    ...layers.filter((layer) => layer.cycles > 0).map(row),
    ['', 'between layers', 'cpu', 0, rest, 0, share(rest, cycles)],
    ['', 'one inference', '', macs, cycles, perCycle(macs, cycles), 100],
  ])
  const { arenaBytes, arenaLowerBoundBytes, readOnlyBytes, stackBytes } = memory
  return `${table}
instructions of the controller: ${instructions}
arena ${arenaBytes} bytes (lower bound ${arenaLowerBoundBytes}), read-only data ${readOnlyBytes} bytes, stack ${stackBytes} bytes
${verdict(report)}`
}

const perCycle = (macs: number, cycles: number) => (cycles === 0 ? 0 : Number((macs / cycles).toFixed(1)))
const share = (part: number, whole: number) => Number(((100 * part) / whole).toFixed(1))

function verdict({ samples, match, mismatches, maxAbsDiff, checkedAgainst, firstDifference }: InferReport): string {
  const runs = `${samples} sample${samples === 1 ? '' : 's'}`
  const what = checkedAgainst === 'expected' ? 'the expected outputs' : 'the reference interpreter'
  const result = match
    ? `${runs}: equal to ${what}, byte for byte\n`
    : `${runs}: ${mismatches} output elements differ from ${what}, by up to ${maxAbsDiff}\n`
  if (firstDifference === undefined) return result
  const { sample, index, op, target, tensor, element, expected, actual, tile } = firstDifference
  const where = tile === undefined ? target : `${target}, ${tile}`
  const count = `${firstDifference.mismatches} elements differ`
  return `${result}first difference: sample ${sample}, operator ${index} (${op} on ${where}), tensor ${tensor}[${element.join(', ')}] is ${actual}, not ${expected}; ${count}\n`
}
