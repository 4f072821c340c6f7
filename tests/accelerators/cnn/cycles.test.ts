import { describe, expect, test } from 'vitest'
import { cnn } from '../../../accelerators/cnn/hardware.ts'
import { parameters as table } from '../../../accelerators/cnn/parameters.ts'
import { mergeRuns } from '../../../accelerators/cnn/transfer.ts'
import { resolveParameters } from '../../../sim/accel/resolve-parameters.ts'
import { RAM, randomFrom } from '../../sim/accel/rig.ts'

/** Cost of a command; fields that are not given are zero. */
function cost(name: keyof typeof cnn.commands, fields: Record<string, number>, overrides: Record<string, number> = {}) {
  const command = cnn.commands[name]!
  const zeros = Object.fromEntries(Object.keys(command.fields).map((field) => [field, 0]))
  return command.cycles({ ...zeros, ...fields }, resolveParameters(cnn, overrides))
}

const setup = 4
const latency = 8
const requantiser = 6
const skew = 16 + 16

describe('LOAD and STORE', () => {
  const flat = (bytes: number, ram = RAM) => ({ ram, bytes, rows: 1, planes: 1 })

  test('one run: 4 to set up, 8 of latency, then a word of 16 bytes a cycle on the port', () => {
    expect(cost('load', flat(1024))).toEqual({ cycles: setup + latency, busCycles: 64 })
    expect(cost('store', flat(1024))).toEqual({ cycles: setup + latency, busCycles: 64 })
  })

  test('a misaligned run touches one word more in every burst of 256 bytes', () => {
    expect(cost('load', flat(1024, RAM + 1)).busCycles).toBe(64 + 4)
    expect(cost('load', flat(16, RAM + 15)).busCycles).toBe(2)
    expect(cost('load', flat(1, RAM + 15)).busCycles).toBe(1)
  })

  test('rows that touch merge, and planes that touch then merge too', () => {
    const dense = { bytes: 8, rows: 6, planes: 4, ramRowStride: 8, ramPlaneStride: 48, scratchRowStride: 8 }
    expect(cost('load', { ...dense, scratchPlaneStride: 48 })).toEqual({ cycles: setup + latency, busCycles: 12 })
  })

  test('rows apart are a burst each; eight in flight hide 8 cycles of latency when a burst has a word', () => {
    const apart = { bytes: 16, rows: 100, planes: 1, ramRowStride: 64, scratchRowStride: 16 }
    // Each burst: max(1 word, ceil((8 + 1) / 8)) = 2 cycles.
    expect(cost('load', apart)).toEqual({ cycles: setup + latency + 100, busCycles: 100 })
    expect(cost('load', apart, { dmaChannels: 9 })).toEqual({ cycles: setup + latency, busCycles: 100 })
    expect(cost('load', apart, { dmaChannels: 1 })).toEqual({ cycles: setup + latency + 800, busCycles: 100 })
  })

  test('single bytes into the scratchpad cost a cycle each', () => {
    const gathered = { bytes: 1, rows: 160, planes: 1, ramRowStride: 1, scratchRowStride: 4 }
    const { cycles, busCycles } = cost('load', gathered)
    expect(busCycles).toBe(10)
    expect(cycles + busCycles!).toBe(setup + 160)
  })

  test('padding takes the scratchpad port, and shows only when it takes longer than the bus', () => {
    const image = { bytes: 16, rows: 10, planes: 10, ramRowStride: 16, ramPlaneStride: 160 }
    const frame = { ...image, scratchRowStride: 16, scratchPlaneStride: 12 * 16 }
    const pads = { padTop: 1, padBottom: 1, padLeft: 1, padRight: 1 }
    const total = (f: Record<string, number>) => {
      const { cycles, busCycles } = cost('load', f)
      return cycles + busCycles!
    }
    expect(total(frame)).toBe(setup + latency + 100)
    // 144 pixels of 16 bytes through the port, 100 of them from RAM.
    expect(total({ ...frame, ...pads })).toBe(setup + 144)
  })

  test('the closed form over alignments equals counting run by run', () => {
    const random = randomFrom(81)
    for (let round = 0; round < 300; round++) {
      const overrides = {
        dmaBytesPerCycle: 4 * random(1, 8),
        dmaBurstBytes: 4 * random(1, 64),
        dmaLatency: random(0, 20),
        dmaChannels: random(1, 9),
      }
      const bytes = random(1, 200)
      const rows = random(1, 9)
      const planes = random(1, 9)
      const ramRowStride = random(0, 3) === 0 ? bytes : bytes + random(0, 30)
      const ramPlaneStride = random(0, 3) === 0 ? rows * ramRowStride : rows * ramRowStride + random(0, 30)
      const ram = RAM + random(0, 63)
      const f = { ram, bytes, rows, planes, ramRowStride, ramPlaneStride }
      const { cycles, busCycles } = cost(
        'store',
        { ...f, scratchRowStride: bytes, scratchPlaneStride: rows * bytes },
        overrides,
      )
      expect({ cycles, busCycles }).toEqual(countTransfer(f, overrides))
    }
  })
})

/** The same costs, counted word by word of every burst of every run, for a dense scratchpad side. */
function countTransfer(
  f: { ram: number; bytes: number; rows: number; planes: number; ramRowStride: number; ramPlaneStride: number },
  p: { dmaBytesPerCycle: number; dmaBurstBytes: number; dmaLatency: number; dmaChannels: number },
) {
  const word = p.dmaBytesPerCycle
  const burst = Math.max(1, Math.floor(p.dmaBurstBytes / word)) * word
  const starts: number[] = []
  for (let plane = 0; plane < f.planes; plane++)
    for (let row = 0; row < f.rows; row++) starts.push(f.ram + plane * f.ramPlaneStride + row * f.ramRowStride)
  const merged = mergeRuns({
    start: f.ram,
    bytes: f.bytes,
    rows: f.rows,
    rowStride: f.ramRowStride,
    planes: f.planes,
    planeStride: f.ramPlaneStride,
  })
  const runs = starts.filter((_, index) => index % (merged.bytes / f.bytes) === 0)
  let beats = 0
  let steady = 0
  for (const start of runs)
    for (let at = start; at < start + merged.bytes; at += burst) {
      const end = Math.min(at + burst, start + merged.bytes)
      const words = new Set<number>()
      for (let byte = at; byte < end; byte++) words.add(Math.floor(byte / word))
      beats += words.size
      steady += Math.max(words.size, Math.ceil((p.dmaLatency + words.size) / p.dmaChannels))
    }
  const scratch = Math.ceil((f.bytes * f.rows * f.planes) / word)
  return { cycles: setup + Math.max(p.dmaLatency + steady, scratch) - beats, busCycles: beats }
}

describe('CONV', () => {
  const kernel = {
    kernelHeight: 3,
    kernelWidth: 3,
    strideHeight: 1,
    strideWidth: 1,
    dilationHeight: 1,
    dilationWidth: 1,
  }
  const one = { ...kernel, kernelHeight: 1, kernelWidth: 1 }

  test('1x1 over 10 x 10 pixels, 32 to 32 channels: 2 x 2 weight blocks, a pixel a cycle each', () => {
    const f = { ...one, inChannels: 32, outChannels: 32, inputPixelStride: 32, outHeight: 10, outWidth: 10 }
    expect(cost('conv', f).cycles).toBe(setup + 16 + 4 * 100 + skew + requantiser)
  })

  test('few pixels: a weight block lasts as long as the next one takes to load, 16 cycles', () => {
    const f = { ...one, inChannels: 32, outChannels: 16, inputPixelStride: 32, outHeight: 3, outWidth: 3 }
    // 2 blocks of 16 rows and 12 cycles of parameters: the weight port needs 44.
    expect(cost('conv', f).cycles).toBe(setup + 16 + 44 + skew + requantiser)
  })

  test('3x3 with three dense channels: a kernel row is one run of 9 bytes', () => {
    const f = { ...kernel, inChannels: 3, outChannels: 8, outHeight: 20, outWidth: 20 }
    expect(cost('conv', { ...f, inputPixelStride: 3 }).cycles).toBe(setup + 9 + 3 * 400 + skew + requantiser)
    // Pixels apart: nine taps of 3 bytes instead.
    expect(cost('conv', { ...f, inputPixelStride: 4 }).cycles).toBe(setup + 3 + 9 * 400 + skew + requantiser)
    expect(cost('conv', { ...f, inputPixelStride: 3, dilationWidth: 2 }).cycles).toBe(
      setup + 3 + 3600 + skew + requantiser,
    )
  })

  test('more pixels than accumulators go in chunks, each with all weights again', () => {
    const f = { ...one, inChannels: 160, outChannels: 16, inputPixelStride: 160, outHeight: 1 }
    // 512 vectors of 16 sums; the 8 pixels of the second chunk wait for 160 rows of weights and 12 of parameters.
    expect(cost('conv', { ...f, outWidth: 520 }).cycles).toBe(setup + 16 + 10 * 512 + 172 + skew + requantiser)
  })

  test('FULLY CONNECTED of one vector is bound by the weight port: a row of 16 weights a cycle', () => {
    const f = { inputs: 640, outputs: 128, batch: 1, inputStride: 640 }
    expect(cost('fullyConnected', f).cycles).toBe(setup + 16 + 8 * (640 + 12) + skew + requantiser)
  })

  test('a 16 x 32 array of 32-wide blocks halves the column blocks', () => {
    const f = { ...one, inChannels: 32, outChannels: 32, inputPixelStride: 32, outHeight: 10, outWidth: 10 }
    expect(cost('conv', f, { columns: 32 }).cycles).toBe(setup + 16 + 2 * 100 + 48 + requantiser)
  })

  test('never does more than one MAC per cell and cycle', () => {
    const random = randomFrom(82)
    for (let round = 0; round < 200; round++) {
      const f = { ...kernel, kernelHeight: random(1, 5), kernelWidth: random(1, 5), inChannels: random(1, 200) }
      const shape = { ...f, outChannels: random(1, 200), outHeight: random(1, 40), outWidth: random(1, 40) }
      const all = { ...shape, inputPixelStride: shape.inChannels }
      const macs = cnn.commands.conv!.macs!(all as never, resolveParameters(cnn))
      expect(macs).toBeLessThanOrEqual(cost('conv', all).cycles * 256)
    }
  })
})

describe('DEPTHWISE', () => {
  const kernel = {
    kernelHeight: 3,
    kernelWidth: 3,
    strideHeight: 1,
    strideWidth: 1,
    dilationHeight: 1,
    dilationWidth: 1,
  }
  const tail = skew + requantiser

  test('3x3: a row begins with 9 vectors, every further pixel takes 3: 48 MAC a cycle at best', () => {
    const f = { ...kernel, channels: 16, outHeight: 10, outWidth: 10 }
    expect(cost('depthwise', f).cycles).toBe(setup + 9 + 10 * (9 + 9 * 3) + tail)
    expect(cost('depthwise', { ...f, channels: 17 }).cycles).toBe(setup + 9 + 2 * 10 * (9 + 9 * 3) + tail)
  })

  test('stride 2 moves the window by two columns, dilation reads it afresh', () => {
    const f = { ...kernel, channels: 16, outHeight: 10, outWidth: 10 }
    expect(cost('depthwise', { ...f, strideWidth: 2 }).cycles).toBe(setup + 9 + 10 * (9 + 9 * 6) + tail)
    expect(cost('depthwise', { ...f, strideWidth: 5 }).cycles).toBe(setup + 9 + 10 * (9 + 9 * 9) + tail)
    expect(cost('depthwise', { ...f, dilationWidth: 2 }).cycles).toBe(setup + 9 + 10 * 10 * 9 + tail)
  })

  test('a kernel of more taps than rows takes several passes: 5x5 as 3 + 2 kernel rows', () => {
    const f = { ...kernel, kernelHeight: 5, kernelWidth: 5, channels: 16, outHeight: 4, outWidth: 4 }
    expect(cost('depthwise', f).cycles).toBe(setup + 16 + 4 * (15 + 3 * 3) + 4 * (10 + 3 * 2) + tail)
  })

  test('several passes with few accumulators load the weights for every chunk of pixels again', () => {
    const f = { ...kernel, kernelHeight: 5, kernelWidth: 5, channels: 128, outHeight: 1, outWidth: 100 }
    const small = { columns: 128, accumulatorKiB: 1 }
    // Two vectors of 128 sums: 50 chunks of 25 taps and 12 cycles of parameters.
    expect(cost('depthwise', f, small).cycles).toBe(setup + 16 + 50 * 37 + 16 + 128 + requantiser)
  })

  test('one pixel waits for its weights: 9 taps and 12 cycles of parameters', () => {
    const f = { ...kernel, channels: 32, outHeight: 1, outWidth: 1 }
    expect(cost('depthwise', f).cycles).toBe(setup + 9 + 2 * 21 + tail)
  })
})

describe('the vector unit', () => {
  test('ELEMENTWISE reads two operands through one port: two cycles per 16 elements', () => {
    expect(cost('elementwise', { count: 1000 }).cycles).toBe(setup + 2 * 63 + 2 * requantiser)
  })

  test('POOL takes a vector of 16 channels per cycle and position inside the input', () => {
    const window = { kernelHeight: 3, kernelWidth: 3, strideHeight: 1, strideWidth: 1, padTop: 1, padLeft: 1 }
    const f = { ...window, channels: 20, inHeight: 4, inWidth: 4, outHeight: 4, outWidth: 4 }
    // Along each axis 2 + 3 + 3 + 2 positions; 20 channels are two vectors.
    expect(cost('pool', f).cycles).toBe(setup + 100 * 2 + requantiser)
  })

  test('TABLE loads 256 entries, 16 a cycle, then looks up 4 bytes a cycle', () => {
    expect(cost('table', { count: 1000 }).cycles).toBe(setup + 16 + 250)
  })

  test('COPY takes a cycle per 16 bytes of a run; fill does not read', () => {
    const f = { bytes: 20, rows: 5, planes: 1, outputRowStride: 20, inputRowStride: 32 }
    expect(cost('copy', f).cycles).toBe(setup + 10)
    expect(cost('copy', { ...f, mode: 1 }).cycles).toBe(setup + 7)
  })
})

test('every parameter that shapes the machine changes the cost of some command', () => {
  const conv = { kernelHeight: 3, kernelWidth: 3, strideHeight: 1, strideWidth: 1, dilationHeight: 1, dilationWidth: 1 }
  const work: [keyof typeof cnn.commands, Record<string, number>][] = [
    ['load', { ram: RAM + 1, bytes: 3000, rows: 40, planes: 1, ramRowStride: 3001, scratchRowStride: 3000 }],
    ['conv', { ...conv, inChannels: 64, inputPixelStride: 64, outChannels: 64, outHeight: 40, outWidth: 40 }],
    ['elementwise', { count: 5000 }],
  ]
  const total = (overrides: Record<string, number>) =>
    work
      .map(([name, f]) => cost(name, f, overrides))
      .reduce((sum, { cycles, busCycles = 0 }) => sum + cycles + busCycles, 0)
  const timeless = ['activationKiB', 'weightKiB', 'queueDepth', 'clockDivider']
  for (const [name, { default: value }] of Object.entries(table)) {
    if (timeless.includes(name)) continue
    const smaller = name === 'dmaChannels' || name === 'accumulatorKiB' ? 1 : value / 2
    expect(total({ [name]: smaller }), name).not.toBe(total({}))
  }
})
