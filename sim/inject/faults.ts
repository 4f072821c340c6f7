/** Makes hardware misbehave as asked, the same for the same seed: to test that firmware notices and copes. */
import type { BusMaster, InterruptLine } from '../bus/device.ts'
import type { BusFaults } from '../cpu/hart.ts'
import { UserError } from '../diagnostic.ts'
import type { EventQueue } from '../events.ts'
import type { AttachedAccelerator } from '../soc/platform.ts'
import type { BusAccess, Fault } from './fault.ts'

type Of<K extends Fault['kind']> = Extract<Fault, { kind: K }>

export class Faults {
  /** What has happened so far, a sentence each. */
  readonly happened: string[] = []
  private readonly pending: Set<Fault>
  private readonly faults: readonly Fault[]
  private readonly events: EventQueue
  private readonly tell: (message: string) => void
  private random: number
  private readonly errors: { readonly fault: Of<'bus-error'>; left: number }[]

  /** @param tell called with one sentence for every fault when it happens */
  constructor(faults: readonly Fault[], seed: number, events: EventQueue, tell: (message: string) => void) {
    this.faults = faults
    this.pending = new Set(faults)
    this.events = events
    this.tell = tell
    this.random = (seed ^ 0x9e37_79b9) | 0 || 1
    this.errors = this.of('bus-error').map((fault) => ({ fault, left: fault.nth }))
  }

  /**
   * Schedules what happens at a cycle.
   * @throws UserError when the accelerator has no such scratchpad or unit, or the SoC no such interrupt
   */
  attach(accelerator: AttachedAccelerator | undefined, sources: readonly number[]): void {
    for (const fault of this.faults) {
      if (fault.kind === 'flip') this.scheduleFlip(fault, accelerator)
      else if (fault.kind === 'stuck') this.scheduleStuck(fault, accelerator)
      else if ('source' in fault && !sources.includes(fault.source))
        throw unknown(`interrupt source ${fault.source}`, sources.map(String))
    }
  }

  /** Positions of the faults that have not happened so far. */
  get idle(): number[] {
    return this.faults.flatMap((fault, i) => (this.pending.has(fault) ? [i] : []))
  }

  /** The accelerator's way to memory. */
  master(inner: BusMaster): BusMaster {
    return {
      read: (address, into) => {
        if (this.failing('dma', address, into.length) || !inner.read(address, into)) return false
        this.corrupt(address, into)
        return true
      },
      write: (address, from) => {
        if (this.failing('dma', address, from.length)) return false
        const sent = Uint8Array.from(from)
        this.corrupt(address, sent)
        return inner.write(address, sent)
      },
    }
  }

  /** The wire of an interrupt source. */
  wire(source: number, inner: InterruptLine): InterruptLine {
    const mine = [...this.of('drop-irq'), ...this.of('delay-irq')].filter((fault) => fault.source === source)
    if (mine.length === 0) return inner
    let level = false
    let rises = 0
    let hidden = false
    return {
      set: (next) => {
        if (next && !level) {
          rises++
          const fault = mine.find(({ nth }) => nth === rises)
          hidden = fault !== undefined
          if (fault?.kind === 'drop-irq') this.report(fault, `interrupt ${source} is lost`)
          if (fault?.kind === 'delay-irq') {
            this.report(fault, `interrupt ${source} is delayed by ${fault.cycles} cycles`)
            const rise = rises
            this.events.schedule(this.events.now + fault.cycles, () => {
              if (rise !== rises || !level) return
              hidden = false
              inner.set(true)
            })
          }
        }
        level = next
        inner.set(next && !hidden)
      },
    }
  }

  private scheduleFlip(fault: Of<'flip'>, accelerator: AttachedAccelerator | undefined): void {
    const { scratchpad, at } = fault
    const memories = accelerator?.memories ?? {}
    const memory = Object.hasOwn(memories, scratchpad) ? memories[scratchpad] : undefined
    if (memory === undefined) throw unknown(`scratchpad ${scratchpad}`, Object.keys(memories))
    const byte = fault.byte ?? this.below(memory.length)
    const bit = fault.bit ?? this.below(8)
    if (byte >= memory.length) throw unknown(`byte ${byte} in ${scratchpad}`, [`0 to ${memory.length - 1}`])
    this.events.schedule(at, () => {
      memory[byte] = memory[byte]! ^ (1 << bit)
      this.report(fault, `bit ${bit} of ${scratchpad}[0x${byte.toString(16)}] turns over`)
    })
  }

  private scheduleStuck(fault: Of<'stuck'>, accelerator: AttachedAccelerator | undefined): void {
    const { unit, at } = fault
    const units = accelerator?.units ?? []
    const found = units.find(({ name }) => name === unit)
    if (found === undefined)
      throw unknown(
        `unit ${unit}`,
        units.map(({ name }) => name),
      )
    this.events.schedule(at, () => {
      found.stuck = true
      this.report(fault, `unit ${unit} is stuck`)
    })
  }

  /** Bus errors of the hart; undefined when there are none. */
  get ofHart(): BusFaults | undefined {
    const faults = this.of('bus-error').filter(({ access }) => access !== 'dma')
    if (faults.length === 0) return undefined
    return {
      ranges: faults.map(({ from, to }) => ({ from, end: to + 1 })),
      fails: (access, address, bytes) => this.failing(access, address, bytes),
    }
  }

  /** Whether this access is the one that gets a bus error. */
  private failing(access: Exclude<BusAccess, 'hart'>, address: number, bytes: number): boolean {
    let failing = false
    for (const one of this.errors) {
      const { from, to, access: wanted } = one.fault
      const meant = wanted === access || (wanted === 'hart' && access !== 'dma')
      if (!meant || address > to || address + bytes <= from || --one.left !== 0) continue
      const what = access === 'dma' ? '' : ` of a ${access}`
      this.report(one.fault, `bus error${what} at 0x${address.toString(16)}`)
      failing = true
    }
    return failing
  }

  private corrupt(address: number, bytes: Uint8Array): void {
    for (const fault of this.of('flip-dma')) {
      if (this.below(2 ** 30) / 2 ** 30 >= fault.rate) continue
      const byte = this.below(bytes.length)
      const bit = this.below(8)
      bytes[byte] = bytes[byte]! ^ (1 << bit)
      this.report(fault, `bit ${bit} of the transfer of 0x${(address + byte).toString(16)} turns over`)
    }
  }

  private report(fault: Fault, what: string): void {
    this.pending.delete(fault)
    const sentence = `cycle ${this.events.now}: ${what}`
    this.happened.push(sentence)
    this.tell(`injected at ${sentence}`)
  }

  private of<K extends Fault['kind']>(kind: K): Of<K>[] {
    return this.faults.filter((fault): fault is Of<K> => fault.kind === kind)
  }

  /** A random whole number below `limit`, by Marsaglia's xorshift (2003). */
  private below(limit: number): number {
    this.random ^= this.random << 13
    this.random ^= this.random >>> 17
    this.random ^= this.random << 5
    return (this.random >>> 0) % limit
  }
}

function unknown(what: string, known: readonly string[]): UserError {
  const hint = known.length === 0 ? 'the SoC has none' : `choose of ${known.join(', ')}`
  return new UserError('inject-target', `there is no ${what} to inject a fault into`, hint)
}
