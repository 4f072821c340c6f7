/**
 * Host speed of the accelerator's functional model through the whole block, in processor time: the plain
 * reference and WebAssembly SIMD, in alternating slices, with the peak of SIMD beside them. `--json` prints an object.
 */
import { Block } from './block.ts'
import { dotPeak } from './peak.ts'
import { shapes, vectorShapes } from './shapes.ts'

const SLICES = 4
const SLICE_SECONDS = 0.08

/** Processor time of this process, so that what else runs on the machine matters less. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Work per second of one slice, in units of 10^9. */
function slice(work: () => number): number {
  const began = cpuSeconds()
  let done = 0
  while (cpuSeconds() - began < SLICE_SECONDS) done += work()
  return done / (cpuSeconds() - began) / 1e9
}

/** Best slice of each kind of work; they take turns after a warm-up. */
function compare<Name extends string>(works: Readonly<Record<Name, () => number>>): Record<Name, number> {
  const best = Object.fromEntries(Object.keys(works).map((name) => [name, 0])) as Record<Name, number>
  for (let round = 0; round <= SLICES; round++)
    for (const name of Object.keys(works) as Name[]) {
      const speed = slice(works[name])
      if (round > 0) best[name] = Math.max(best[name], speed)
    }
  return best
}

const peak = dotPeak()

const layers = shapes.map((shape) => {
  const [reference, simd] = [new Block(shape, 'reference'), new Block(shape, 'fast')]
  const work = (block: Block) => () => {
    const before = block.macs
    block.round()
    return block.macs - before
  }
  const speeds = compare({ reference: work(reference), simd: work(simd), peak })
  return { shape: shape.name, unit: 'GMAC/s', ...speeds, macsPerCycle: simd.macs / simd.events.now }
})

const vectors = vectorShapes.map((shape) => {
  const work = (block: Block) => () => {
    block.round()
    return block.commandsPerRound * shape.elements
  }
  const speeds = compare({ reference: work(new Block(shape, 'reference')), simd: work(new Block(shape, 'fast')) })
  return { shape: shape.name, unit: '10^9 elements/s', ...speeds }
})

const peakSpeed = Math.max(...layers.map((row) => row.peak))
if (process.argv.includes('--json')) console.log(JSON.stringify({ peak: peakSpeed, layers, vectors }, undefined, 2))
else {
  const column = (value: number, width: number, digits = 2) => value.toFixed(digits).padStart(width)
  console.log(`${'GMAC/s of the host'.padEnd(48)} reference     SIMD   ratio  of peak   MAC/cycle of 256`)
  for (const { shape, reference, simd, peak, macsPerCycle } of layers) {
    const ratios = `${column(simd / reference, 7, 1)}x ${column((100 * simd) / peak, 6, 0)} %`
    console.log(
      `${shape.padEnd(48)} ${column(reference, 9)} ${column(simd, 8)} ${ratios} ${column(macsPerCycle, 18, 1)}`,
    )
  }
  console.log(`${'peak: nothing but dot products and additions'.padEnd(48)} ${' '.repeat(9)} ${column(peakSpeed, 8)}`)
  console.log(`\n${'10^9 elements/s of the host'.padEnd(48)} reference     SIMD   ratio`)
  for (const { shape, reference, simd } of vectors)
    console.log(`${shape.padEnd(48)} ${column(reference, 9)} ${column(simd, 8)} ${column(simd / reference, 7, 1)}x`)
}
