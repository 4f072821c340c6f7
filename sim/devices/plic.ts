/**
 * Platform-level interrupt controller (RISC-V PLIC specification 1.0.0) with two contexts of hart 0: machine mode
 * (0) and supervisor mode (1, whose output is not connected, as this hart has no such mode). Sources are level
 * sensitive: a request stays pending until it is claimed even if its line falls (section 7, gateways), and one that
 * is claimed stays quiet until its completion.
 */
import type { AccessSize, Device, InterruptLine } from '../bus/device.ts'
import type { RegisterRow } from './registers.ts'

/** Source 0 does not exist. */
export const SOURCES = 96
const CONTEXTS = 2
const WORDS = SOURCES / 32
const MAX_PRIORITY = 7
const PENDING = 0x1000
const ENABLE = 0x2000
const ENABLE_STRIDE = 0x80
const CONTEXT = 0x20_0000
const CONTEXT_STRIDE = 0x1000
const THRESHOLD = 0
const CLAIM = 4

const words = (offset: number, name: string, access: RegisterRow['access'], count: number, doc: string) =>
  ({ offset, name, size: 4, access, doc, ...(count === 1 ? {} : { array: { count, stride: 4 } }) }) as const
export const plicRegisters: readonly RegisterRow[] = [
  words(0, 'priority', 'rw', SOURCES, `Priority of a source, 0 to ${MAX_PRIORITY}; 0 never interrupts`),
  words(PENDING, 'pending', 'ro', WORDS, 'Pending bits, 32 sources a word'),
  words(ENABLE, 'enable', 'rw', WORDS, 'Enable bits of machine mode, 32 sources a word'),
  words(CONTEXT + THRESHOLD, 'threshold', 'rw', 1, 'Machine mode is interrupted by priorities above'),
  words(CONTEXT + CLAIM, 'claim', 'rw', 1, 'Reading claims the source to serve, writing it back completes it'),
]

interface Context {
  readonly enabled: Uint32Array
  threshold: number
}

export class Plic implements Device {
  readonly name: string
  private readonly external: InterruptLine
  private readonly priority = new Uint8Array(SOURCES)
  private readonly level = new Uint8Array(SOURCES)
  private readonly pending = new Uint8Array(SOURCES)
  /** Claimed and not yet completed. */
  private readonly claimed = new Uint8Array(SOURCES)
  private readonly contexts: readonly Context[] = Array.from({ length: CONTEXTS }, () => ({
    enabled: new Uint32Array(WORDS),
    threshold: 0,
  }))

  /** @param external machine external interrupt of the hart */
  constructor(name: string, external: InterruptLine) {
    this.name = name
    this.external = external
  }

  /** Drives the wire of source `source`, 1 to 95. */
  setLine(source: number, level: boolean): void {
    this.level[source] = level ? 1 : 0
    if (level && this.claimed[source] === 0) this.pending[source] = 1
    this.update()
  }

  save() {
    return {
      priority: this.priority.slice(),
      level: this.level.slice(),
      pending: this.pending.slice(),
      claimed: this.claimed.slice(),
      contexts: this.contexts.map(({ enabled, threshold }) => ({ enabled: [...enabled], threshold })),
    }
  }

  restore({ priority, level, pending, claimed, contexts }: ReturnType<Plic['save']>): void {
    this.priority.set(priority)
    this.level.set(level)
    this.pending.set(pending)
    this.claimed.set(claimed)
    this.contexts.forEach((context, index) => {
      context.enabled.set(contexts[index]!.enabled)
      context.threshold = contexts[index]!.threshold
    })
  }

  /** Sources that machine mode has enabled with a priority above its threshold. */
  enabledSources(): number[] {
    const { enabled, threshold } = this.contexts[0]!
    return Array.from({ length: SOURCES }, (_, source) => source).filter(
      (source) => isSet(enabled, source) && this.priority[source]! > threshold,
    )
  }

  read(offset: number, size: AccessSize): number | undefined {
    if (size !== 4 || (offset & 3) !== 0) return undefined
    if (offset < SOURCES * 4) return this.priority[offset / 4]
    if (offset < PENDING) return 0
    if (offset < ENABLE) return this.pendingWord((offset - PENDING) / 4)
    if (offset < CONTEXT) return this.enableWord(offset)?.[0] ?? 0
    const context = this.contexts[Math.floor((offset - CONTEXT) / CONTEXT_STRIDE)]
    const register = (offset - CONTEXT) % CONTEXT_STRIDE
    if (context === undefined || register > CLAIM) return undefined
    return register === THRESHOLD ? context.threshold : this.claim(context)
  }

  write(offset: number, size: AccessSize, value: number): boolean {
    if (size !== 4 || (offset & 3) !== 0) return false
    if (offset < SOURCES * 4) this.priority[offset / 4] = offset === 0 ? 0 : value & MAX_PRIORITY
    else if (offset >= ENABLE && offset < CONTEXT) {
      const word = this.enableWord(offset)
      if (word !== undefined) word[0] = offset % ENABLE_STRIDE === 0 ? value & ~1 : value
    } else if (offset >= CONTEXT) {
      const context = this.contexts[Math.floor((offset - CONTEXT) / CONTEXT_STRIDE)]
      const register = (offset - CONTEXT) % CONTEXT_STRIDE
      if (context === undefined || register > CLAIM) return false
      if (register === THRESHOLD) context.threshold = value & MAX_PRIORITY
      else this.complete(context, value)
    }
    this.update()
    return true
  }

  private pendingWord(word: number): number {
    let bits = 0
    for (let bit = 0; bit < 32; bit++) if (this.pending[word * 32 + bit] === 1) bits |= 1 << bit
    return bits >>> 0
  }

  /** The enable word at a register offset, as an array of one that can be written. */
  private enableWord(offset: number): Uint32Array | undefined {
    const context = this.contexts[Math.floor((offset - ENABLE) / ENABLE_STRIDE)]
    const word = ((offset - ENABLE) % ENABLE_STRIDE) / 4
    return context === undefined || word >= WORDS ? undefined : context.enabled.subarray(word, word + 1)
  }

  /** Pending enabled source of the highest priority (the lowest number among equals), 0 when there is none above `least`. */
  private best(context: Context, least: number): number {
    let best = 0
    let priority = least
    for (let source = 1; source < SOURCES; source++) {
      if (this.pending[source] === 1 && this.priority[source]! > priority && isSet(context.enabled, source)) {
        best = source
        priority = this.priority[source]!
      }
    }
    return best
  }

  /** A claim is not held back by the threshold (PLIC specification, chapter 9). */
  private claim(context: Context): number {
    const source = this.best(context, 0)
    if (source !== 0) {
      this.pending[source] = 0
      this.claimed[source] = 1
      this.update()
    }
    return source
  }

  /** A completion for a source that this context has not enabled is ignored. */
  private complete(context: Context, source: number): void {
    if (source >= SOURCES || !isSet(context.enabled, source)) return
    this.claimed[source] = 0
    this.pending[source] = this.level[source]!
  }

  private update(): void {
    const context = this.contexts[0]!
    this.external.set(this.best(context, context.threshold) !== 0)
  }
}

function isSet(bits: Uint32Array, source: number): boolean {
  return ((bits[source >>> 5]! >>> (source & 31)) & 1) === 1
}
