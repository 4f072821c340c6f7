/** The commands of GDB's `monitor`: what the protocol has no packets for. */
import { UserError } from '../diagnostic.ts'
import type { Timeline } from './timeline.ts'

/** What needs the world outside of the simulator. */
export interface MonitorHost {
  /** Writes a snapshot file. @throws UserError when it cannot be written */
  snapshot(file: string): void
  /** Tells the user something, in one sentence. */
  report(message: string): void
}

interface MonitorRow {
  readonly usage: string
  readonly doc: string
  readonly run: (argument: string, timeline: Timeline, host: MonitorHost) => string
}

const rows: Readonly<Record<string, MonitorRow>> = {
  cycles: { usage: 'cycles', doc: 'cycles since reset', run: (_, { machine }) => String(machine.hart.cycles) },
  instructions: {
    usage: 'instructions',
    doc: 'instructions retired since reset',
    run: (_, { machine }) => String(machine.hart.instructions),
  },
  accelerator: {
    usage: 'accelerator',
    doc: 'what the accelerator is doing',
    run: (_, { machine }) => machine.accelerator?.describe?.() ?? 'there is none that can tell',
  },
  reset: {
    usage: 'reset',
    doc: 'back to the beginning of the session; the past is forgotten',
    run: (_, timeline) => {
      timeline.reset()
      return 'reset'
    },
  },
  snapshot: {
    usage: 'snapshot FILE',
    doc: 'save the whole state; sim run --restore goes on from it',
    run: (file, _, host) => {
      if (file === '') return 'say a file to write'
      host.snapshot(file)
      return `saved ${file}`
    },
  },
  input: {
    usage: 'input TEXT',
    doc: 'send a line of text to the guest',
    run: (text, timeline) => {
      timeline.intervene({ kind: 'input', bytes: new TextEncoder().encode(`${text}\n`) })
      return 'sent'
    },
  },
}

export const MONITOR_HELP = [
  ...Object.values(rows).map(({ usage, doc }) => `${usage.padEnd(14)} ${doc}`),
  'help           this list',
].join('\n')

/** Output of a monitor command; undefined when there is none such. */
export function monitor(line: string, timeline: Timeline, host: MonitorHost): string | undefined {
  const [, name = '', argument = ''] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(line) ?? []
  const row = Object.hasOwn(rows, name) ? rows[name] : undefined
  try {
    return row?.run(argument, timeline, host)
  } catch (error) {
    if (error instanceof UserError) return error.render()
    throw error
  }
}
