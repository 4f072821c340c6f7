/** Callgrind's profile format (version 1), for KCachegrind and callgrind_annotate: cycles and instructions by line and call. */
import { CallFollower, WAITING } from './call-follower.ts'
import { readSelected, type TraceFormat } from './format.ts'

/** Cycles and instructions. */
type Cost = [cycles: number, instructions: number]

interface Call {
  readonly callee: string
  readonly line: number
  count: number
  readonly cost: Cost
}

interface FunctionCost {
  /** Own cost by source file and line; file `???` and line 0 where none is known. */
  readonly lines: Map<string, { readonly file: string; readonly line: number; readonly cost: Cost }>
  readonly calls: Map<string, Call>
}

const UNKNOWN = { file: '???', line: 0 }

export const callgrind: TraceFormat = {
  name: 'callgrind',
  summary: 'profile for KCachegrind and callgrind_annotate, with source lines where the program has debug data',
  needs: ['commit', 'trap'],
  convert: (trace, selection, write) => {
    const functions = new Map<string, FunctionCost>()
    const total: Cost = [0, 0]
    const stack: { readonly name: string; readonly before: Cost; readonly site: number | undefined }[] = []
    const of = (name: string) => {
      let found = functions.get(name)
      if (found === undefined) functions.set(name, (found = { lines: new Map(), calls: new Map() }))
      return found
    }
    const spend = (name: string, place: typeof UNKNOWN, cycles: number, instructions: number) => {
      const { lines } = of(name)
      const key = `${place.file}:${place.line}`
      let line = lines.get(key)
      if (line === undefined) lines.set(key, (line = { ...place, cost: [0, 0] }))
      for (const cost of [line.cost, total]) {
        cost[0] += cycles
        cost[1] += instructions
      }
    }
    let waitingSince = 0
    const follower = new CallFollower(trace, {
      enter: (name, at, site) => {
        waitingSince = at
        stack.push({ name, before: [...total], site })
      },
      leave: (name, at) => {
        if (name === WAITING) spend(WAITING, UNKNOWN, at - waitingSince, 0)
        const { before, site } = stack.pop()!
        const caller = stack.at(-1)
        if (caller === undefined) return
        const { line } = (site !== undefined && trace.lineAt(site)) || UNKNOWN
        const { calls } = of(caller.name)
        const key = `${name}:${line}`
        let call = calls.get(key)
        if (call === undefined) calls.set(key, (call = { callee: name, line, count: 0, cost: [0, 0] }))
        call.count++
        call.cost[0] += total[0] - before[0]
        call.cost[1] += total[1] - before[1]
      },
      instruction: (pc, cycles) => {
        const function_ = stack.at(-1)?.name
        if (function_ !== undefined) spend(function_, trace.lineAt(pc) ?? UNKNOWN, cycles, 1)
      },
    })
    readSelected(trace, selection, follower)
    follower.finish()
    write(
      `# callgrind format\nversion: 1\ncreator: presilicon\ncmd: ${oneLine(trace.header.program)}\npositions: line\n`,
    )
    write(`events: Cycles Instructions\nsummary: ${total.join(' ')}\n`)
    for (const [name, cost] of functions) writeFunction(name, cost, functions, write)
  },
}

function writeFunction(
  name: string,
  { lines, calls }: FunctionCost,
  functions: ReadonlyMap<string, FunctionCost>,
  write: (text: string) => void,
): void {
  const own = fileOf(functions, name)
  write(`\nfl=${own}\nfn=${oneLine(name)}\n`)
  for (const { file, line, cost } of lines.values()) {
    // Code without a line counts as the function's own.
    write(`fe=${file === UNKNOWN.file ? own : oneLine(file)}\n${line} ${cost.join(' ')}\n`)
  }
  write(`fe=${own}\n`)
  for (const { callee, line, count, cost } of calls.values()) {
    write(`cfi=${fileOf(functions, callee)}\ncfn=${oneLine(callee)}\ncalls=${count} 0\n${line} ${cost.join(' ')}\n`)
  }
}

/** The file that most of a function's lines are in first. */
function fileOf(functions: ReadonlyMap<string, FunctionCost>, name: string): string {
  for (const { file } of functions.get(name)?.lines.values() ?? []) if (file !== UNKNOWN.file) return oneLine(file)
  return UNKNOWN.file
}

/** A name, where the format has one a line. */
const oneLine = (name: string) => name.replaceAll(/[\r\n]+/g, ' ')
