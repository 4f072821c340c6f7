import type { CycleProfiler } from '../profile/cycle-profiler.ts'
import type { FlameFrame } from './report-data.ts'

/** Cycles of the hart by call path, the most first. */
export function flameOf({ stack: { tree }, nodeCycles, functions }: CycleProfiler): FlameFrame {
  const totals = tree.totals(nodeCycles)
  const frames = Array.from({ length: tree.size }, (_, node) => ({
    name: node === 0 ? 'hart' : functions.names[tree.function[node]!]!,
    cycles: totals[node]!,
    children: [] as FlameFrame[],
  }))
  for (let node = 1; node < tree.size; node++) {
    if (totals[node]! > 0) frames[tree.parent[node]!]!.children.push(frames[node]!)
  }
  for (const { children } of frames) children.sort((a, b) => b.cycles - a.cycles)
  return frames[0]!
}
