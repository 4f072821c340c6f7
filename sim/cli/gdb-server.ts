/** The socket of `sim run --gdb`: one debugger at a time, from this machine only. */
import { createServer, type Server, type Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { GdbSession } from '../debug/session.ts'
import { Stops } from '../debug/stops.ts'
import { Timeline } from '../debug/timeline.ts'
import { UserError } from '../diagnostic.ts'
import type { Machine } from '../machine.ts'
import type { RunResult } from '../run-result.ts'
import { writeSnapshot } from './write-snapshot.ts'

const LOOPBACK = '127.0.0.1'
/** Cycles between two looks at the socket while nobody debugs. */
const SLICE = 1 << 20

export interface GdbServerOptions {
  /** TCP port; 0 takes a free one. */
  readonly port: number
  /** What the guest's console receives, as it comes. */
  readonly input?: Readable
  /** Gets one sentence at a time for the user. */
  readonly report: (message: string) => void
}

/**
 * Lets debuggers have the machine, standing still, until its program ends or a debugger kills it.
 *
 * @returns how the program ended, or how far it came when a debugger killed it
 * @throws UserError when the port cannot be had
 */
export async function serveGdb(machine: Machine, options: GdbServerOptions): Promise<RunResult> {
  const debugging = new Debugging(machine, options)
  const server = createServer({ noDelay: true }, (socket) => debugging.connect(socket))
  const port = await listen(server, options.port)
  options.report(
    `waiting for a debugger at ${LOOPBACK}:${port} (gdb-multiarch -ex 'target remote :${port}' firmware.elf)`,
  )
  try {
    return await debugging.finish()
  } finally {
    debugging.disconnect()
    server.close()
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      reject(
        new UserError('gdb-port', `port ${port} cannot be listened at (${code})`, 'choose another, or --gdb alone'),
      ),
    )
    server.listen(port, LOOPBACK, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

class Debugging {
  private readonly machine: Machine
  private readonly timeline: Timeline
  private readonly options: GdbServerOptions
  private session: GdbSession | undefined
  private socket: Socket | undefined
  /** No debugger is there, and the last one left the machine running. */
  private runsAlone = false
  private wake = () => {}

  constructor(machine: Machine, options: GdbServerOptions) {
    this.machine = machine
    this.options = options
    machine.input.goLive()
    this.timeline = new Timeline(machine, new Stops(machine))
    options.input?.on('data', (bytes: Uint8Array) => this.receive({ kind: 'input', bytes }))
    options.input?.on('end', () => this.receive({ kind: 'end of input' }))
  }

  connect(socket: Socket): void {
    if (this.occupied) {
      socket.destroy()
      return
    }
    this.leave()
    this.socket = socket
    this.runsAlone = false
    this.machine.flushConsole()
    const session = new GdbSession(this.timeline, {
      send: (bytes) => socket.write(bytes),
      report: this.options.report,
      snapshot: (file) => writeSnapshot(this.machine, file),
    })
    this.session = session
    socket.on('data', (bytes) => {
      session.receive(bytes)
      this.wake()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.closed(session))
    this.wake()
  }

  /** Goes on until the program has ended or was killed, and the debugger has heard of it. */
  async finish(): Promise<RunResult> {
    for (;;) {
      let busy = this.session?.work() ?? false
      const { departure, exitCode } = this.session ?? {}
      if (departure === 'killed')
        return { ...this.machine.run({ maxCycles: 0 }), explanation: 'the debugger killed it' }
      if (exitCode !== undefined) return this.machine.run()
      if (departure === 'detached' || this.runsAlone) {
        const result = this.runAlone()
        if (result.reason !== 'limit' && result.reason !== 'input') return result
        busy = result.reason === 'limit'
      }
      await (busy ? nextTurn() : this.somethingHappens())
    }
  }

  disconnect(): void {
    this.socket?.end()
    this.options.input?.removeAllListeners('data').removeAllListeners('end').destroy()
  }

  private somethingHappens(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve
    })
  }

  /** Whether a debugger is there. One that has left may still have its socket: closing it takes turns of a busy host. */
  private get occupied(): boolean {
    const departure = this.session?.departure
    return departure === 'killed' || (this.socket?.readableEnded === false && departure === undefined)
  }

  private closed(session: GdbSession): void {
    if (session === this.session) this.leave()
    this.wake()
  }

  /** A debugger that detached leaves a machine that runs on; one whose connection breaks leaves it standing still. */
  private leave(): void {
    const departure = this.session?.departure
    this.runsAlone = departure === 'detached'
    this.timeline.stops.clear()
    this.socket?.destroy()
    this.socket = undefined
    if (departure !== 'killed') this.session = undefined
  }

  private runAlone(): RunResult {
    this.runsAlone = true
    return this.timeline.run(SLICE)
  }

  private receive(intervention: Parameters<Timeline['intervene']>[0]): void {
    this.timeline.intervene(intervention)
    this.wake()
  }
}
