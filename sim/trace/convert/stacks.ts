/** Where the time went by call stacks: folded stacks for flame graphs, and speedscope's own file. */
import type { TraceReader } from '../reader.ts'
import { CallFollower, type CallListener } from './call-follower.ts'
import { readSelected, type Selection, type TraceFormat } from './format.ts'

function follow(trace: TraceReader, selection: Selection, listener: CallListener): void {
  const follower = new CallFollower(trace, listener)
  readSelected(trace, selection, follower)
  follower.finish()
}

/** A function, called along one path. */
interface Node {
  readonly name: string
  readonly parent: Node | undefined
  readonly callees: Map<string, Node>
  cycles: number
}

const node = (name: string, parent?: Node): Node => ({ name, parent, callees: new Map(), cycles: 0 })

export const folded: TraceFormat = {
  name: 'folded',
  summary: 'folded stacks (outermost;...;innermost cycles), as flame graph tools read them',
  needs: ['commit', 'trap'],
  convert: (trace, selection, write) => {
    const root = node('')
    let current = root
    let since = 0
    const to = (next: Node, at: number) => {
      current.cycles += at - since
      since = at
      current = next
    }
    follow(trace, selection, {
      enter: (name, at) => {
        let callee = current.callees.get(name)
        if (callee === undefined) {
          callee = node(name, current)
          current.callees.set(name, callee)
        }
        to(callee, at)
      },
      leave: (_name, at) => to(current.parent ?? root, at),
    })
    writeNode(root, '', write)
  },
}

function writeNode(from: Node, path: string, write: (text: string) => void): void {
  for (const callee of from.callees.values()) {
    // A semicolon separates functions: names keep none.
    const stack = path + callee.name.replaceAll(';', ':')
    if (callee.cycles > 0) write(`${stack} ${callee.cycles}\n`)
    writeNode(callee, `${stack};`, write)
  }
}

export const speedscope: TraceFormat = {
  name: 'speedscope',
  summary: 'for www.speedscope.app: the call stack over time, in cycles',
  needs: ['commit', 'trap'],
  convert: (trace, selection, write) => {
    const frames: string[] = []
    const numbers = new Map<string, number>()
    let first: number | undefined
    let last = 0
    let events = 0
    const event = (type: 'O' | 'C', name: string, at: number) => {
      let frame = numbers.get(name)
      if (frame === undefined) {
        frame = frames.push(name) - 1
        numbers.set(name, frame)
      }
      first ??= at
      last = at
      write(`${events++ === 0 ? '' : ','}\n{"type":"${type}","frame":${frame},"at":${at}}`)
    }
    write('{"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":"presilicon",')
    write(
      `"name":${JSON.stringify(trace.header.program)},"profiles":[{"type":"evented","name":"hart","unit":"none","events":[`,
    )
    follow(trace, selection, {
      enter: (name, at) => event('O', name, at),
      leave: (name, at) => event('C', name, at),
    })
    write(`],"startValue":${first ?? 0},"endValue":${last}}],"shared":{"frames":[`)
    write(`${frames.map((name) => JSON.stringify({ name })).join(',')}]}}\n`)
  },
}
