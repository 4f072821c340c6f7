/** Rows that show how much there is of something: tokens on their way, bytes on the RAM port. */
import type { ReportData } from '../report-data.ts'
import { brief, count, decimal } from './format.ts'
import { colour } from './theme.ts'
import { type Item, type Track, track } from './track.ts'

const TOKEN_ROW = 12
const BUS_ROW = 34

/** From an instant on there is so much, up to the next. */
interface Step {
  readonly at: number
  readonly level: number
}

interface LevelStyle {
  readonly name: string
  readonly height: number
  readonly colour: string
  /** The level that fills the row. */
  readonly most: number
  readonly text: (level: number) => string
}

/** Tokens that are given and not yet taken, one row for each pair of units. */
export function tokenTracks({ timeline: { tokens, cycles } }: ReportData): Track[] {
  return tokens.pairs.map(({ from, to }, pair) => {
    const own = [...tokens.pair.keys()].filter((i) => tokens.pair[i] === pair)
    const steps = own.map((i) => ({ at: tokens.at[i]!, level: tokens.count[i]! }))
    const most = Math.max(1, ...steps.map(({ level }) => level))
    const text = (level: number) => `${count(level)} token${level === 1 ? '' : 's'} from ${from} to ${to}`
    return levelTrack(steps, cycles, {
      name: `${from}→${to} ≤${count(most)}`,
      height: TOKEN_ROW,
      colour: 'token',
      most,
      text,
    })
  })
}

/** Bytes per cycle that transfers move, each on the average of its time. */
export function busTrack({ timeline: { commands, cycles }, roofline }: ReportData): Track {
  const moving = [...commands.bytes.keys()].filter(
    (i) => commands.bytes[i]! > 0 && commands.until[i]! > commands.from[i]!,
  )
  const changes = moving.flatMap((i) => {
    const rate = commands.bytes[i]! / (commands.until[i]! - commands.from[i]!)
    return [
      { at: commands.from[i]!, by: rate },
      { at: commands.until[i]!, by: -rate },
    ]
  })
  let level = 0
  const steps = changes
    .sort((a, b) => a.at - b.at)
    // What is added and taken away again may leave a rounding error.
    .map(({ at, by }) => ({ at, level: (level = Math.max(0, level + by)) < 1e-6 ? 0 : level }))
  const most = Math.max(roofline?.bytesPerCycle ?? 0, 1e-9, ...steps.map((one) => one.level))
  const of = roofline === undefined ? '' : ` of ${brief(roofline.bytesPerCycle)}`
  const text = (bytes: number) => `transfers move ${decimal(bytes)}${of} bytes/cycle`
  return levelTrack(steps, cycles, {
    name: `RAM port\n≤${brief(most)} B/cycle`,
    height: BUS_ROW,
    colour: 'dma-in',
    most,
    text,
  })
}

function levelTrack(steps: readonly Step[], end: number, style: LevelStyle): Track {
  const { name, height, most, text } = style
  const spans = steps.flatMap(({ at, level }, i) => {
    const until = steps[i + 1]?.at ?? end
    return until > at ? [{ from: at, until, level }] : []
  })
  const items = spans.map(({ from, until, level }): Item => {
    return {
      from,
      until,
      label: '',
      colour: () => colour(style.colour),
      details: () => [text(level), `cycles ${count(from)} to ${count(until)}`],
    }
  })
  return { ...track(name, height, items, false), integral: integralOf(spans, most) }
}

/** Sums of level and time up to any instant, from sums up to each span. */
function integralOf(spans: readonly { from: number; until: number; level: number }[], most: number) {
  let total = 0
  const sums = spans.map(({ from, until, level }) => {
    const before = total
    total += ((until - from) * level) / most
    return before
  })
  return (at: number): number => {
    let [low, high] = [0, spans.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (spans[middle]!.from <= at) low = middle + 1
      else high = middle
    }
    const span = spans[low - 1]
    return span === undefined ? 0 : sums[low - 1]! + ((Math.min(at, span.until) - span.from) * span.level) / most
  }
}
