/** Bytes that are needed from step `first` to step `last`, both included. */
export interface Block {
  readonly name: string
  readonly bytes: number
  readonly first: number
  readonly last: number
}

export interface ArenaPlan {
  /** Offset of every block, in the order given. */
  readonly offsets: readonly number[]
  /** Size of the arena. */
  readonly bytes: number
  /** No plan can be smaller: the most bytes that are alive at one step, alignment included. */
  readonly lowerBoundBytes: number
}

/** Orders tried to shrink a plan that is above the lower bound. */
const IMPROVEMENTS = 2000

const alignUp = (value: number, alignment: number) => Math.ceil(value / alignment) * alignment
const alive = (a: Block, b: Block) => a.first <= b.last && b.first <= a.last

/**
 * Places blocks with lifetimes in one arena:
 *
 * 1. Greedy: in a given order, every block goes to the lowest gap between those it lives beside.
 *    Four orders are tried: by size, by size times lifetime, by lifetime, by first use.
 * 2. While the best is above the lower bound, move a block that reaches the top of the arena (or any
 *    other, now and then) to another place of the order and keep what is no worse. The choice comes
 *    from a fixed generator, so equal inputs give equal plans.
 */
export function planArena(blocks: readonly Block[], alignment: number): ArenaPlan {
  const lowerBoundBytes = liveBytes(blocks, alignment)
  const all = blocks.map((_, index) => index)
  const duration = (i: number) => blocks[i]!.last - blocks[i]!.first + 1
  const weights = [
    (i: number) => blocks[i]!.bytes,
    (i: number) => blocks[i]!.bytes * duration(i),
    duration,
    (i: number) => -blocks[i]!.first,
  ]
  const neighbours = all.map((i) => all.filter((j) => j !== i && alive(blocks[i]!, blocks[j]!)))
  const place = (order: readonly number[]) => placeInOrder(blocks, order, neighbours, alignment)
  let best = weights
    .map((weight) => [...all].sort((a, b) => weight(b) - weight(a) || a - b))
    .map((order) => ({ order, ...place(order) }))
    .reduce((a, b) => (b.bytes < a.bytes ? b : a), { order: all, ...place(all) })
  let seed = 1
  const random = (limit: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return Math.floor((seed / 2 ** 32) * limit)
  }
  for (let i = 0; i < IMPROVEMENTS && best.bytes > lowerBoundBytes; i++) {
    const atTop = all.filter((block) => best.offsets[block]! + blocks[block]!.bytes > best.bytes - alignment)
    const candidates = i % 4 === 3 ? all : atTop
    const moved = candidates[random(candidates.length)]!
    const order = best.order.filter((block) => block !== moved)
    order.splice(random(order.indexOf(moved) < 0 ? order.length + 1 : order.length), 0, moved)
    const tried = place(order)
    if (tried.bytes <= best.bytes) best = { order, ...tried }
  }
  return { offsets: best.offsets, bytes: best.bytes, lowerBoundBytes }
}

function placeInOrder(
  blocks: readonly Block[],
  order: readonly number[],
  neighbours: readonly (readonly number[])[],
  alignment: number,
): { offsets: number[]; bytes: number } {
  const offsets = new Array<number>(blocks.length).fill(-1)
  let bytes = 0
  for (const index of order) {
    const size = alignUp(blocks[index]!.bytes, alignment)
    const taken = neighbours[index]!.filter((other) => offsets[other]! >= 0).sort((a, b) => offsets[a]! - offsets[b]!)
    let offset = 0
    for (const other of taken) {
      if (offsets[other]! - offset >= size) break
      offset = Math.max(offset, offsets[other]! + alignUp(blocks[other]!.bytes, alignment))
    }
    offsets[index] = offset
    bytes = Math.max(bytes, offset + size)
  }
  return { offsets, bytes }
}

/** The most bytes alive at one step. */
function liveBytes(blocks: readonly Block[], alignment: number): number {
  const live = (step: number) =>
    blocks
      .filter(({ first, last }) => first <= step && step <= last)
      .reduce((sum, { bytes }) => sum + alignUp(bytes, alignment), 0)
  return Math.max(0, ...blocks.map(({ first }) => live(first)))
}

/** The plan as text: a row per block over time, for `--emit memory`. */
export function printArena(blocks: readonly Block[], plan: ArenaPlan): string {
  const steps = Math.max(0, ...blocks.map(({ last }) => last + 1))
  const byOffset = blocks.map((block, index) => ({ block, offset: plan.offsets[index]! }))
  byOffset.sort((a, b) => a.offset - b.offset || a.block.first - b.block.first)
  const rows = byOffset.map(({ block, offset }) => {
    const life = Array.from({ length: steps }, (_, step) => (step >= block.first && step <= block.last ? '#' : '.'))
    return `${String(offset).padStart(8)} ${String(offset + block.bytes).padStart(8)}  ${life.join('')}  ${block.name}`
  })
  const total = `arena ${plan.bytes} bytes, lower bound ${plan.lowerBoundBytes}`
  return [`${'from'.padStart(8)} ${'to'.padStart(8)}  lifetime over layers`, ...rows, total].join('\n')
}
