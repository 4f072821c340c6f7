import type { Axis, Lowering, Range, Tile } from '../target/target.ts'

/** A way to cut a layer: sizes of the tiles by axis, and the order of the loops over them. */
export interface Tiling {
  /** Names of the axes, outermost loop first. */
  readonly order: readonly string[]
  readonly sizes: Readonly<Record<string, number>>
  /** Number of tiles. */
  readonly count: number
}

/** Into how many parts an axis may be cut; between powers of two only some, because neighbours differ little. */
const PARTS = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024]

/** Tilings are listed up to so many tiles, then up to more: few searches look beyond the first. No more than the last are worth their commands. */
const LISTED_TILES = [32, 1 << 10, 1 << 15]

/** Sizes worth trying along one axis, largest first, with the parts that they give. */
function sizesOf({ size, step, limit = size }: Axis): { size: number; parts: number }[] {
  const sizes = [...PARTS, size].map((parts) => Math.min(limit, Math.ceil(Math.ceil(size / parts) / step) * step))
  return [...new Set(sizes)].sort((a, b) => b - a).map((one) => ({ size: one, parts: Math.ceil(size / one) }))
}

/** Every tiling of a layer, those with the fewest tiles first. */
export function* tilingsOf(lowering: Lowering): Generator<Tiling> {
  let fewest = 1
  for (const most of LISTED_TILES) {
    yield* tilingsWith(lowering, fewest, most)
    fewest = most + 1
  }
}

/** The tilings of a layer with `fewest` to `most` tiles, in order of their number. */
function tilingsWith({ axes, orders }: Lowering, fewest: number, most: number): Tiling[] {
  let cuts: { sizes: Record<string, number>; count: number; cut: readonly string[] }[] = [
    { sizes: {}, count: 1, cut: [] },
  ]
  for (const axis of axes) {
    const choices = sizesOf(axis)
    cuts = cuts.flatMap(({ sizes, count, cut }) =>
      choices
        .filter(({ parts }) => count * parts <= most)
        .map(({ size, parts }) => ({
          sizes: { ...sizes, [axis.name]: size },
          count: count * parts,
          cut: parts > 1 ? [...cut, axis.name] : cut,
        })),
    )
  }
  const tilings = cuts
    .filter(({ count }) => count >= fewest)
    .flatMap(({ sizes, count, cut }) => distinctOrders(orders, cut).map((order) => ({ order, sizes, count })))
  return tilings.sort((a, b) => a.count - b.count)
}

/** Loop orders that differ once the loops that run only once are left out. */
function distinctOrders(orders: Lowering['orders'], cut: readonly string[]): Lowering['orders'] {
  const seen = new Set<string>()
  return orders.filter((order) => {
    const key = order.filter((name) => cut.includes(name)).join()
    return !seen.has(key) && seen.add(key)
  })
}

/** The tiles of a layer in loop order. */
export function* tilesOf(axes: readonly Axis[], { order, sizes }: Pick<Tiling, 'order' | 'sizes'>): Generator<Tile> {
  const loops = order.map((name) => {
    const { size } = axes.find((axis) => axis.name === name)!
    return { name, ranges: cut(size, sizes[name]!) }
  })
  const total = loops.reduce((product, { ranges }) => product * ranges.length, 1)
  for (let index = 0; index < total; index++) {
    let rest = index
    const tile: Record<string, Range> = {}
    for (const { name, ranges } of [...loops].reverse()) {
      tile[name] = ranges[rest % ranges.length]!
      rest = Math.floor(rest / ranges.length)
    }
    yield tile
  }
}

function cut(size: number, step: number): Range[] {
  return Array.from({ length: Math.ceil(size / step) }, (_, i) => ({
    start: i * step,
    size: Math.min(step, size - i * step),
    first: i === 0,
    last: (i + 1) * step >= size,
  }))
}

/** A tile as people read it; axes that are not cut are left out. */
export function describeTile(axes: readonly Axis[], tile: Tile): string {
  return axes
    .filter(({ name, size }) => tile[name]!.size < size)
    .map(({ name }) => `${name} ${tile[name]!.start}..${tile[name]!.start + tile[name]!.size - 1}`)
    .join(', ')
}
