import { describe, expect, test } from 'vitest'
import { buildModel } from '../../../compiler/build-model.ts'
import { compileModel } from '../../../compiler/compile.ts'
import { samplesOf } from '../../../compiler/io/npy.ts'
import { tensorOf } from '../../../compiler/ir/graph.ts'
import { operatorMacs } from '../../../compiler/ops/index.ts'
import { findToolchain } from '../../../compiler/toolchain/find-toolchain.ts'
import { modelFactory } from '../../../sim/accel/attach.ts'
import { chooseAccelerator } from '../../../sim/cli/choose-accelerator.ts'
import { openSession } from '../../../sim/cli/open-session.ts'
import { profileInference } from '../../../sim/cli/profile-inference.ts'
import { peakOf } from '../../../sim/cli/settled-accelerator.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import { Machine } from '../../../sim/machine.ts'
import {
  type InferenceProfile,
  inferenceProfile,
  LAYER_TIME_BYTES,
  layerIntervals,
} from '../../../sim/profile/inference-profile.ts'
import { InferenceProfiler } from '../../../sim/profile/inference-profiler.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { findBlock } from '../../../sim/soc/description.ts'
import { digitsModel, type GoldenModel, sharedModel } from '../../end-to-end/shared-models.ts'

const { soc, target } = await chooseAccelerator(defaultSoc, 'cnn')
const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0)

/** Runs a model's firmware once, as any firmware with a network in it, and gives its profile beside the machine. */
async function profiled({ bytes, name }: GoldenModel) {
  const model = compileModel(bytes, name, { soc, target: target! })
  const image = await loadElf(await buildModel(model, findToolchain()), name)
  const profiler = new InferenceProfiler(findBlock(soc, 'markers')?.name)
  const accelerators = { cnn: modelFactory(target!.description, 'fast') }
  const machine = new Machine(soc, { accelerators, probes: [profiler] })
  machine.load(image)
  const result = machine.run()
  const network = machine.debugInfo!.network!
  const times = layerIntervals(network, machine.readMemory(network.times, LAYER_TIME_BYTES * network.layers.length))
  const { hardware } = model.accelerator!
  const { parameters, description } = hardware
  const peak = peakOf(hardware)
  const profile = inferenceProfile({
    profiler,
    network,
    times,
    ...profiler.region!,
    parameters,
    ranges: description.parameters,
    peak,
  })
  const { base } = findBlock(soc, 'accelerator')!
  const register = (name: string) => {
    const { offset } = target!.description.registers.find((row) => row.name === name)!
    return machine.bus.read(base + offset, 4)!
  }
  const counter = (name: string) => register(`PERF_${name}_LO`) + 2 ** 32 * register(`PERF_${name}_HI`)
  const busy = ['LOAD', 'COMPUTE', 'STORE'].map((unit) => register(`PERF_${unit}_BUSY`))
  return { model, profile, counter, busy, result }
}

function expectExactSums({ cycles, layers, between, split }: InferenceProfile): void {
  expect(sum(layers.map((layer) => layer.cycles)) + between.cycles).toBe(cycles)
  expect(sum(Object.values(split))).toBe(cycles)
  for (const layer of layers) {
    expect(sum(Object.values(layer.split))).toBe(layer.cycles)
    const computing = layer.split.compute
    if (layer.waits !== undefined) expect(sum(Object.values(layer.waits))).toBe(layer.cycles - computing)
    expect(layer.busy.compute).toBe(computing)
    expect(layer.busy.dmaIn).toBeGreaterThanOrEqual(layer.split.dmaIn)
    expect(layer.busy.dmaOut).toBeGreaterThanOrEqual(layer.split.dmaOut)
  }
  expect(layers.map(({ from, until, cycles }) => until - from - cycles)).toEqual(layers.map(() => 0))
}

const names = ['digits', 'ad_autoencoder', 'ic_resnet8', 'micro_speech'] as const

describe('the profile of an inference', () => {
  test.each(names)('of %s adds up, and is what the accelerator itself has counted', async (name) => {
    const golden = name === 'digits' ? digitsModel() : sharedModel(name)
    if (golden === undefined) return console.warn(`skipped: the shared model ${name} is not here`)
    const { profile, model, counter, busy, result } = await profiled(golden)
    expectExactSums(profile)
    expect(profile.cycles).toBe(result.regions[0]!.cycles)

    const { compute, dmaIn, dmaOut } = profile.busy
    expect([dmaIn, compute, dmaOut]).toEqual(busy)
    const onAccelerator = profile.layers.filter(({ target }) => target === 'cnn')
    expect(sum(onAccelerator.map(({ bytesIn }) => bytesIn))).toBe(counter('BYTES_READ'))
    // The fence behind each layer writes the time of day, 8 bytes, which is no result.
    const timestamps = 8 * onAccelerator.length
    expect(sum(onAccelerator.map(({ bytesOut }) => bytesOut)) + timestamps).toBe(counter('BYTES_WRITTEN'))

    // Tiles cover the commands of their layer and its work, and the layers the graph's.
    for (const { index, tiles, bytesIn, bytesOut } of onAccelerator) {
      const { commands } = profile.layers.find((layer) => layer.index === index)!
      expect(sum(tiles.map(({ first, end }) => end - first))).toBe(commands)
      expect(sum(tiles.map((tile) => tile.bytesIn))).toBe(bytesIn)
      expect(sum(tiles.map((tile) => tile.bytesOut))).toBe(bytesOut)
    }
    expect(sum(onAccelerator.flatMap(({ tiles }) => tiles.map(({ macs }) => macs)))).toBe(counter('MACS'))
    expect(profile.macs).toBe(sum(model.graph.operators.map((one) => operatorMacs(model.graph, one))))
  })

  test('has the cycles that sim infer reports for the layers, and a sentence for each', async () => {
    const { bytes, inputs, name } = digitsModel()
    const options = { soc, target: target!, toolchain: findToolchain() }
    const session = await openSession(bytes, name, options)
    const { graph } = session.model
    const sample = graph.inputs.map((id) => samplesOf(inputs, tensorOf(graph, id), 'inputs')[0]!)
    const { layerCycles, cycles } = session.run(sample)
    const profile = await profileInference(bytes, name, sample, options)
    expect(profile.cycles).toBe(cycles)
    expect(profile.layers.map((layer) => layer.cycles)).toEqual(layerCycles.filter((one) => one > 0))
    for (const { bottleneck, target } of profile.layers) {
      expect(bottleneck).toMatch(target === 'cpu' ? /^the CPU computes it/ : /^comput(e waits|ing takes \d+ %)/)
    }
  })

  test('says that a layer waits for weights when the port is narrow, and where the roofline is', async () => {
    const { soc, target } = await chooseAccelerator(defaultSoc, 'cnn', ['accelerator.dmaBytesPerCycle=4'])
    const { bytes, inputs, name } = digitsModel()
    const options = { soc, target: target!, toolchain: findToolchain() }
    const { graph } = (await openSession(bytes, name, options)).model
    const sample = graph.inputs.map((id) => samplesOf(inputs, tensorOf(graph, id), 'inputs')[0]!)
    const profile = await profileInference(bytes, name, sample, options)
    expectExactSums(profile)
    expect(profile.peak).toEqual({ peakMacsPerCycle: 256, bytesPerCycle: 4 })
    const waiting = profile.layers.filter(({ bottleneck }) =>
      /compute waits for weights \d+ % of the time/.test(bottleneck),
    )
    expect(waiting.length).toBeGreaterThan(0)
    for (const { waits, split } of waiting) expect(waits!.weights).toBeGreaterThan(split.compute)
    for (const { roofline, macsPerCycle, macs, bytesIn, bytesOut } of profile.layers) {
      if (roofline === undefined) continue
      expect(roofline.intensity).toBeCloseTo(macs / (bytesIn + bytesOut))
      expect(roofline.attainableMacsPerCycle).toBeLessThanOrEqual(256)
      expect(roofline.bound).toBe(roofline.intensity * 4 < 256 ? 'memory' : 'compute')
      // Under the roof, but for transfers that came before the layer's own time.
      if (roofline.bound === 'compute') expect(macsPerCycle).toBeLessThanOrEqual(256)
    }
  })

  test('of a network on the CPU alone is all CPU', async () => {
    const { bytes, inputs, name } = digitsModel()
    const options = { soc: defaultSoc, toolchain: findToolchain() }
    const { graph } = (await openSession(bytes, name, options)).model
    const sample = graph.inputs.map((id) => samplesOf(inputs, tensorOf(graph, id), 'inputs')[0]!)
    const profile = await profileInference(bytes, name, sample, options)
    expectExactSums(profile)
    expect(profile.split.cpu).toBe(profile.cycles)
    expect(profile.layers.every(({ waits }) => waits === undefined)).toBe(true)
  })
})
