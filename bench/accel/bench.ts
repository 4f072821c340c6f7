/**
 * Host speed of the accelerator's functional model, through the whole block: ring, fetch, checks,
 * timing and effect, in processor time. One line per layer shape of the networks that it is used for. `--json` prints rows.
 */
import { cnn } from '../../accelerators/cnn/hardware.ts'
import { CommandFormat } from '../../sim/accel/layout.ts'
import { AcceleratorModel } from '../../sim/accel/model.ts'
import { resolveParameters } from '../../sim/accel/resolve-parameters.ts'
import { EventQueue } from '../../sim/events.ts'

type Fields = Readonly<Record<string, number>>
interface Shape {
  readonly name: string
  readonly command: string
  readonly fields: Fields
}

const SECONDS_PER_SHAPE = 0.4
const COMMANDS_PER_ROUND = 8

/** A convolution of a dense, padded tile. */
function window(
  channels: { in: number; out: number },
  out: number,
  kernel: readonly [number, number],
  stride = 1,
): Fields {
  const [kernelHeight, kernelWidth] = kernel
  const width = (out - 1) * stride + kernelWidth
  return {
    ...{ outHeight: out, outWidth: out, kernelHeight, kernelWidth, strideHeight: stride, strideWidth: stride },
    ...{ dilationHeight: 1, dilationWidth: 1, inputPixelStride: channels.in, outputPixelStride: channels.out },
    ...{ inputRowStride: width * channels.in, outputRowStride: out * channels.out, output: 24 * 1024 },
    ...{ parameters: 60 * 1024, activationMin: -128, activationMax: 127 },
  }
}
function conv(
  name: string,
  channels: { in: number; out: number },
  ...shape: [number, readonly [number, number], number?]
) {
  const fields = { ...window(channels, ...shape), inChannels: channels.in, outChannels: channels.out }
  return { name, command: 'conv', fields }
}
function depthwise(name: string, channels: number, ...shape: [number, readonly [number, number], number?]) {
  return { name, command: 'depthwise', fields: { ...window({ in: channels, out: channels }, ...shape), channels } }
}

const shapes: readonly Shape[] = [
  conv('3x3, 16 to 16, 32x32 (ResNet8)', { in: 16, out: 16 }, 32, [3, 3]),
  conv('3x3, 32 to 32, 16x16 (ResNet8)', { in: 32, out: 32 }, 16, [3, 3]),
  conv('3x3, 64 to 64, 8x8 (ResNet8)', { in: 64, out: 64 }, 8, [3, 3]),
  conv('3x3 stride 2, 3 to 8, 24x24 (MobileNet)', { in: 3, out: 8 }, 24, [3, 3], 2),
  conv('1x1, 64 to 64, 12x12 (MobileNet)', { in: 64, out: 64 }, 12, [1, 1]),
  conv('1x1, 128 to 128, 6x6 (MobileNet)', { in: 128, out: 128 }, 6, [1, 1]),
  conv('10x4 stride 2, 1 to 64, 20x20 (DS-CNN)', { in: 1, out: 64 }, 20, [10, 4], 2),
  depthwise('depthwise 3x3, 64, 12x12 (MobileNet)', 64, 12, [3, 3]),
  depthwise('depthwise 3x3 stride 2, 32, 12x12 (MobileNet)', 32, 12, [3, 3], 2),
  {
    name: 'fully connected, 640 to 64 (autoencoder)',
    command: 'fullyConnected',
    fields: { inputs: 640, outputs: 64, batch: 1, parameters: 60 * 1024, activationMin: -128, activationMax: 127 },
  },
]

/** Processor time of this process, so that what else runs on the machine matters less. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Runs one command again and again through the ring; returns MACs per second of the host and per cycle of the model. */
function measure({ command, fields }: Shape): { mmacsPerSecond: number; macsPerCycle: number } {
  const format = new CommandFormat(cnn)
  const ram = new Uint8Array(COMMANDS_PER_ROUND * format.bytes)
  for (let slot = 0; slot < COMMANDS_PER_ROUND; slot++) format.encode(command, fields, ram, slot * format.bytes)
  const events = new EventQueue()
  const model = new AcceleratorModel(cnn, resolveParameters(cnn), {
    events,
    interrupt: { set: () => undefined },
    bus: {
      read(address, into) {
        into.set(ram.subarray(address, address + into.length))
        return true
      },
      write: () => true,
    },
  })
  for (const memory of [model.memories.act!, model.memories.wgt!])
    for (let i = 0; i < memory.length; i++) memory[i] = (i * 37) % 251
  const offset = (name: string) => cnn.registers.find((register) => register.name === name)!.offset
  const set = (name: string, value: number) => model.write(offset(name), 4, value)
  const macs = () => model.read(offset('PERF_MACS_LO'), 4)! + 2 ** 32 * model.read(offset('PERF_MACS_HI'), 4)!
  set('RING_SIZE', COMMANDS_PER_ROUND)
  set('CONTROL', 1)
  const round = () => {
    set('RING_BASE', 0)
    set('RING_TAIL', COMMANDS_PER_ROUND)
    while (events.next < Number.POSITIVE_INFINITY) events.advanceTo(events.next)
    if (model.error !== undefined) throw new Error(model.error.message)
  }
  const warmUpUntil = cpuSeconds() + SECONDS_PER_SHAPE / 2
  while (cpuSeconds() < warmUpUntil) round()
  const [beforeMacs, beforeCycle, began] = [macs(), events.now, cpuSeconds()]
  while (cpuSeconds() - began < SECONDS_PER_SHAPE) round()
  const done = macs() - beforeMacs
  return {
    mmacsPerSecond: done / (cpuSeconds() - began) / 1e6,
    macsPerCycle: done / (events.now - beforeCycle),
  }
}

const rows = shapes.map((shape) => ({ shape: shape.name, ...measure(shape) }))
if (process.argv.includes('--json')) console.log(JSON.stringify(rows, undefined, 2))
else {
  console.log(`${'layer shape'.padEnd(48)} ${'host MMAC/s'.padStart(12)} ${'MAC/cycle of 256'.padStart(18)}`)
  for (const { shape, mmacsPerSecond, macsPerCycle } of rows)
    console.log(`${shape.padEnd(48)} ${mmacsPerSecond.toFixed(0).padStart(12)} ${macsPerCycle.toFixed(1).padStart(18)}`)
}
