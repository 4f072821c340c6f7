import type { AcceleratorListener } from '../accel/listener.ts'
import type { ElfImage } from '../elf/image.ts'
import { InstructionLog } from './instruction-log.ts'
import type { MemoryRange, Probe } from './probe.ts'

type Heard = Exclude<keyof Probe, 'accelerator' | 'instructions' | 'watches'>
type Arguments<F> = F extends (...values: infer A) => void ? A : never

/** All probes of a machine. Before any event the instructions up to it are handed out, so that the order is true. */
export class Probes {
  /** Where instructions are recorded, when a probe wants them. */
  readonly log: InstructionLog | undefined
  /** Tells every accelerator's listener; undefined when nobody listens. */
  readonly accelerator: AcceleratorListener | undefined
  private readonly probes: readonly Probe[]
  /** Who hears of an event, as far as it has come up. */
  private readonly hearers = new Map<Heard, readonly Probe[]>()

  constructor(probes: readonly Probe[]) {
    this.probes = probes
    this.log = probes.some(({ instructions }) => instructions !== undefined) ? new InstructionLog() : undefined
    const listeners = probes.flatMap(({ accelerator }) => (accelerator === undefined ? [] : [accelerator]))
    const [only] = listeners
    // Commands are frequent: nothing stands between an accelerator and the one who listens.
    const direct = listeners.length === 1 && this.log === undefined
    this.accelerator = direct || only === undefined ? only : this.listener(listeners)
  }

  /** Whether any probe hears this. */
  hears(event: Heard): boolean {
    return this.probes.some((probe) => probe[event] !== undefined)
  }

  tell<K extends Heard>(event: K, ...values: Arguments<Probe[K]>): void {
    const hearers = this.hearersOf(event)
    if (hearers.length === 0) return
    this.flush()
    for (const probe of hearers) (probe[event] as (...values: unknown[]) => void).apply(probe, values)
  }

  private hearersOf(event: Heard): readonly Probe[] {
    const known = this.hearers.get(event)
    if (known !== undefined) return known
    const hearers = this.probes.filter((probe) => probe[event] !== undefined)
    this.hearers.set(event, hearers)
    return hearers
  }

  /** Memory of an image that probes watch. */
  watches(image: ElfImage): readonly MemoryRange[] {
    return this.probes.flatMap((probe) => probe.watches?.(image) ?? [])
  }

  /** Hands out the instructions recorded so far. */
  flush(): void {
    const { log } = this
    if (log === undefined || log.count === 0) return
    for (const probe of this.probes) probe.instructions?.(log)
    log.clear()
  }

  private listener(listeners: readonly AcceleratorListener[]): AcceleratorListener {
    const tell = (say: (listener: AcceleratorListener) => void) => {
      this.flush()
      for (const listener of listeners) say(listener)
    }
    return {
      fetched: (place, at, bytes) => tell((to) => to.fetched?.(place, at, bytes)),
      queued: (command, at) => tell((to) => to.queued?.(command, at)),
      started: (command, at) => tell((to) => to.started?.(command, at)),
      finished: (command, at) => tell((to) => to.finished?.(command, at)),
      token: (from, to, count, at) => tell((listener) => listener.token?.(from, to, count, at)),
      fence: (sequence, at) => tell((to) => to.fence?.(sequence, at)),
      error: (error, at) => tell((to) => to.error?.(error, at)),
      reset: (at) => tell((to) => to.reset?.(at)),
    }
  }
}
