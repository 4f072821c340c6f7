import { frame, toHex } from '../../../sim/debug/packets.ts'
import { GdbSession } from '../../../sim/debug/session.ts'
import { Stops } from '../../../sim/debug/stops.ts'
import { Timeline } from '../../../sim/debug/timeline.ts'
import type { Machine } from '../../../sim/machine.ts'

/** A debugger's end of the line, as text. */
export class Line {
  readonly session: GdbSession
  readonly timeline: Timeline
  readonly reports: string[] = []
  readonly snapshots: string[] = []
  private answers: string[] = []

  constructor(machine: Machine) {
    this.timeline = new Timeline(machine, new Stops(machine))
    this.session = new GdbSession(this.timeline, {
      send: (bytes) => this.answers.push(Buffer.from(bytes).toString('latin1')),
      report: (message) => this.reports.push(message),
      snapshot: (file) => this.snapshots.push(file),
    })
  }

  /** Sends bytes as they are and returns everything that comes back. */
  raw(bytes: Uint8Array | string): string {
    this.session.receive(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
    return this.flush()
  }

  /** Sends one packet, lets the hart run as long as it wants to, and returns the payload of the answer. */
  ask(payload: string | Uint8Array): string {
    this.session.receive(frame(payload))
    while (this.session.work());
    return /\$(.*)#..$/s.exec(this.flush())?.[1] ?? ''
  }

  monitor(command: string): string {
    return Buffer.from(this.ask(`qRcmd,${toHex(Buffer.from(command))}`), 'hex')
      .toString()
      .trimEnd()
  }

  private flush(): string {
    const all = this.answers.join('')
    this.answers = []
    return all
  }
}
