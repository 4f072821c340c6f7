import { fstatSync, readFileSync } from 'node:fs'
import { isatty } from 'node:tty'
import { ConsoleInput } from '../console-input.ts'
import type { Machine } from '../machine.ts'
import type { RunLimits, RunResult } from '../run-result.ts'
import { readInput } from './read-input.ts'

const STDIN = 0
/** How long a pipe may take to say that it has ended, once the guest looks for input: a run then repeats exactly. */
const GRACE_MS = 1000
/** A live run lets its input in every so many seconds of virtual time, and keeps to real time about as closely. */
const SLICE_SECONDS = 0.01

/** Console input of a guest and how a machine is run with it. */
export interface GuestInput {
  readonly input: ConsoleInput
  run(machine: Machine, limits: RunLimits): Promise<RunResult>
  close(): void
}

/**
 * Opens what the guest reads from its console. A file (named, or stdin) is all there from the start. A pipe is read when
 * the guest first looks for input. A terminal, and a pipe that stays open, are live: they come when they come.
 *
 * @param file of `--stdin`; undefined for the stdin of this process
 * @throws UserError when the file cannot be read
 */
export function openGuestInput(file: string | undefined): GuestInput {
  if (file !== undefined) return complete(readInput(file))
  const kind = kindOfStdin()
  if (kind === 'nothing') return complete(new Uint8Array(0))
  return kind === 'file' ? complete(readFileSync(STDIN)) : new StreamInput(kind === 'terminal')
}

function complete(bytes: Uint8Array): GuestInput {
  return {
    input: new ConsoleInput(bytes),
    run: async (machine, limits) => machine.run(limits),
    close: () => {},
  }
}

function kindOfStdin(): 'terminal' | 'pipe' | 'file' | 'nothing' {
  try {
    if (isatty(STDIN)) return 'terminal'
    const status = fstatSync(STDIN)
    if (status.isFile()) return 'file'
    return status.isFIFO() || status.isSocket() ? 'pipe' : 'nothing'
  } catch {
    return 'nothing'
  }
}

/** Input of a stream, which nobody touches before the guest looks for input. */
class StreamInput implements GuestInput {
  readonly input = new ConsoleInput(undefined, false)
  private readonly terminal: boolean
  private listening = false
  private live: { readonly since: number; readonly cycles: number } | undefined
  private woken: () => void = () => {}

  constructor(terminal: boolean) {
    this.terminal = terminal
  }

  async run(machine: Machine, limits: RunLimits): Promise<RunResult> {
    for (;;) {
      const result = machine.run(this.live === undefined ? limits : this.slice(machine, limits))
      if (result.reason === 'input') await this.more(machine)
      else if (result.reason === 'limit' && this.live !== undefined && !reached(result, limits))
        await this.pace(machine)
      else return result
    }
  }

  close(): void {
    if (this.listening) process.stdin.destroy()
  }

  private slice({ hart, soc }: Machine, limits: RunLimits): RunLimits {
    const until = hart.cycles + Math.ceil(soc.clockHz * SLICE_SECONDS)
    return { ...limits, maxCycles: Math.min(until, limits.maxCycles ?? Number.POSITIVE_INFINITY) }
  }

  /** Waits for input: all of it from a pipe that ends soon, else the next piece of it. */
  private async more(machine: Machine): Promise<void> {
    if (!this.listening) this.listen()
    if (this.live === undefined && !this.terminal) {
      const deadline = performance.now() + GRACE_MS
      while (!this.input.ended && performance.now() < deadline) await this.wake(deadline - performance.now())
      if (this.input.ended) return
    }
    if (this.live === undefined) {
      this.live = { since: performance.now(), cycles: machine.hart.cycles }
      this.input.goLive()
      return
    }
    const before = this.input.length
    while (!this.input.ended && this.input.length === before) await this.wake()
    this.live = { since: performance.now(), cycles: machine.hart.cycles }
  }

  /** Lets real time catch up with virtual time, and input in. */
  private async pace({ hart, soc }: Machine): Promise<void> {
    const { since, cycles } = this.live!
    const ahead = ((hart.cycles - cycles) / soc.clockHz) * 1000 - (performance.now() - since)
    if (ahead > 1) await this.wake(ahead)
    else await new Promise((resolve) => setImmediate(resolve))
  }

  /** Sleeps until something arrives, or for so many milliseconds. */
  private wake(milliseconds?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = milliseconds === undefined ? undefined : setTimeout(resolve, milliseconds)
      this.woken = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  private listen(): void {
    this.listening = true
    process.stdin.on('data', (bytes: Buffer) => {
      this.input.push(bytes)
      this.woken()
    })
    const end = () => {
      this.input.end()
      this.woken()
    }
    process.stdin.on('end', end)
    process.stdin.on('error', end)
  }
}

function reached({ cycles, instructions }: RunResult, { maxCycles, maxInstructions }: RunLimits): boolean {
  const { POSITIVE_INFINITY: never } = Number
  return cycles >= (maxCycles ?? never) || instructions >= (maxInstructions ?? never)
}
