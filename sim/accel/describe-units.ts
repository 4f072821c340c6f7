import type { Unit } from './unit.ts'

/** What the units are doing, one line each. */
export function describeUnits(units: readonly Unit[]): string {
  return units.map((unit) => `${unit.name}: ${activity(unit)}; ${unit.counters.busy} cycles busy`).join('\n')
}

function activity(unit: Unit): string {
  const { running, queue, halted, tokens } = unit
  const at = running && `command ${running.command.index} (${running.command.name}) since cycle ${running.began}`
  const work = at === undefined ? 'idle' : halted ? `halted at ${at}` : `executes ${at}`
  const held = tokens.reduce((sum, count) => sum + count, 0)
  return `${work}, ${queue.length} queued, ${held} tokens to take`
}
