/** Something in the timeline: what a row has at an instant. */
export interface Place {
  readonly row: string
  readonly at: number
  /** When several begin there, the one of this name. */
  readonly label?: string
}

/** Goes to the timeline, shows this stretch there, and selects what it is about. */
export function showInTimeline(view: View, { from, until }: { from: number; until: number }, place: Place): void {
  view.show(from, until)
  view.pick(place)
  document.getElementById('timeline-canvas')?.focus({ preventScroll: true })
  document.getElementById('timeline')?.scrollIntoView({ block: 'start' })
}

/** The stretch of time that the timeline shows. */
const LEAST_CYCLES = 16
const ANIMATION_MS = 160

export class View {
  from = 0
  until: number
  readonly cycles: number
  private readonly listeners: (() => void)[] = []
  private readonly pickers: ((place: Place) => void)[] = []
  private frame = 0

  constructor(cycles: number) {
    this.cycles = Math.max(1, cycles)
    this.until = this.cycles
  }

  get span(): number {
    return this.until - this.from
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener)
  }

  onPick(listener: (place: Place) => void): void {
    this.pickers.push(listener)
  }

  /** Selects something. */
  pick(place: Place): void {
    for (const listener of this.pickers) listener(place)
  }

  /** Shows this stretch, as much of it as there is. */
  show(from: number, until: number): void {
    cancelAnimationFrame(this.frame)
    const span = Math.min(this.cycles, Math.max(LEAST_CYCLES, until - from))
    const start = Math.min(this.cycles - span, Math.max(0, (from + until) / 2 - span / 2))
    this.from = start
    this.until = start + span
    for (const listener of this.listeners) listener()
  }

  /** Goes there in a short movement, unless the reader prefers none. */
  glide(from: number, until: number): void {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      this.show(from, until)
      return
    }
    const [startFrom, startUntil, begin] = [this.from, this.until, performance.now()]
    const step = (now: number) => {
      const t = Math.min(1, (now - begin) / ANIMATION_MS)
      const eased = t * (2 - t)
      this.show(startFrom + (from - startFrom) * eased, startUntil + (until - startUntil) * eased)
      if (t < 1) this.frame = requestAnimationFrame(step)
    }
    cancelAnimationFrame(this.frame)
    this.frame = requestAnimationFrame(step)
  }

  /** Makes the stretch longer (factor above 1) or shorter; the instant `at` stays where it is. */
  zoomed(factor: number, at = (this.from + this.until) / 2): [from: number, until: number] {
    const span = Math.min(this.cycles, Math.max(LEAST_CYCLES, this.span * factor))
    const from = at - ((at - this.from) / this.span) * span
    return [from, from + span]
  }

  pan(cycles: number): void {
    this.show(this.from + cycles, this.until + cycles)
  }
}
