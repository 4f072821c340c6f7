import { describe, expect, test } from 'vitest'
import { buildModel } from '../../../compiler/build-model.ts'
import { type CompiledModel, compileModel } from '../../../compiler/compile.ts'
import { operatorMacs } from '../../../compiler/ops/index.ts'
import { findToolchain } from '../../../compiler/toolchain/find-toolchain.ts'
import { chooseAccelerator } from '../../../sim/cli/choose-accelerator.ts'
import { debugInfo } from '../../../sim/debug-info/debug-info.ts'
import { type NetworkMap, readNetworkMap } from '../../../sim/debug-info/network-map.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import { SymbolTable } from '../../../sim/elf/symbols.ts'
import { Machine } from '../../../sim/machine.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { digitsModel, modelNames, sharedModel } from '../../end-to-end/shared-models.ts'

const { soc, target } = await chooseAccelerator(defaultSoc, 'cnn')
const ARENA = 0x8010_0000

/** The map that a model's firmware would carry, were its arena linked to ARENA. */
function mapOf({ files }: Pick<CompiledModel, 'files'>): NetworkMap {
  const symbols = new SymbolTable([{ name: 'model_arena', address: ARENA, size: 0, kind: 'object' }])
  return readNetworkMap(new TextEncoder().encode(files.get('network.json') as string), symbols)!
}

function checkMap(model: CompiledModel): void {
  const { layers, tensors, arena } = mapOf(model)
  const { graph, memory, accelerator } = model
  expect(layers.map(({ index }) => index)).toEqual(layers.map((_, i) => i))

  // The commands of the layers, one after the other, are the whole stream.
  const ranges = layers.flatMap(({ commands }) => commands ?? [])
  expect(ranges.map(({ first }) => first)).toEqual([0, ...ranges.map(({ end }) => end)].slice(0, ranges.length))
  expect(ranges.at(-1)?.end ?? 0).toBe(accelerator?.stream.commands.length ?? 0)
  for (const { target, commands, predictedCycles } of layers) {
    expect(commands !== undefined).toBe(target === 'cnn')
    expect(predictedCycles !== undefined).toBe(target === 'cnn')
  }

  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
  expect(sum(layers.map(({ macs }) => macs))).toBe(sum(graph.operators.map((one) => operatorMacs(graph, one))))
  const finish = model.schedule?.layers.at(-1)?.finish ?? 0
  expect(sum(layers.map(({ predictedCycles = 0 }) => predictedCycles))).toBe(finish)

  // Activations lie in the arena, and those that live at the same time beside one another.
  const { bytes, lowerBoundBytes } = memory.arena
  expect(arena).toEqual({ address: ARENA, bytes, lowerBoundBytes })
  const activations = tensors.filter(({ constant }) => !constant)
  for (const { address, bytes } of activations) {
    expect(address).toBeGreaterThanOrEqual(ARENA)
    expect(address + bytes).toBeLessThanOrEqual(ARENA + arena.bytes)
  }
  for (const [i, a] of activations.entries()) {
    for (const b of activations.slice(i + 1)) {
      const together = a.firstLayer <= b.lastLayer && b.firstLayer <= a.lastLayer
      if (together) expect(a.address + a.bytes <= b.address || b.address + b.bytes <= a.address).toBe(true)
    }
  }
  for (const { index, inputs, outputs } of layers) {
    for (const i of [...inputs, ...outputs]) {
      const { firstLayer, lastLayer } = tensors[i]!
      expect(index >= firstLayer && index <= lastLayer, `layer ${index} uses tensor ${i} outside of its life`).toBe(
        true,
      )
    }
  }
}

describe('the description of the network', () => {
  test.each(['digits', ...modelNames])('of %s covers stream, MACs, predicted cycles and memory', (name) => {
    const model = name === 'digits' ? digitsModel() : sharedModel(name)
    if (model === undefined) return console.warn(`skipped: the shared model ${name} is not here`)
    checkMap(compileModel(model.bytes, name, { soc, target: target! }))
  })

  test('of a network on the CPU alone has no commands', () => {
    const { bytes } = digitsModel()
    const model = compileModel(bytes, 'digits', { soc: defaultSoc })
    checkMap(model)
    expect(mapOf(model).accelerator).toBeUndefined()
    expect(mapOf(model).layers.map(({ target }) => target)).not.toContain('cnn')
  })

  test('that was made before it had a lower bound of the arena is read without', () => {
    const { bytes } = digitsModel()
    const { files, memory } = compileModel(bytes, 'digits', { soc: defaultSoc })
    const map = JSON.parse(files.get('network.json') as string)
    delete map.arena.lowerBoundBytes
    const old = mapOf({ files: new Map([['network.json', JSON.stringify(map)]]) })
    expect(old.arena).toEqual({ address: ARENA, bytes: memory.arena.bytes })
  })

  test('is found in the linked firmware, not loaded, with addresses that hold what it says', async () => {
    const { bytes } = digitsModel()
    const model = compileModel(bytes, 'digits', { soc, target: target! })
    const image = await loadElf(await buildModel(model, findToolchain()), 'digits')
    const network = debugInfo(image).network!
    expect(network).toMatchObject({ version: 1, name: 'digits', accelerator: 'cnn', entry: 'model_invoke' })
    expect(network.layers).toEqual(mapOf(model).layers)
    const machine = new Machine(soc)
    machine.load(image)
    const constants = network.tensors.filter(({ constant }) => constant)
    expect(constants.length).toBeGreaterThan(0)
    const binary = Buffer.from(model.files.get('model_constants.bin') as Uint8Array)
    for (const { name, address, bytes } of constants) {
      expect(image.symbols.get(name)).toMatchObject({ address, kind: 'object' })
      expect(binary.includes(Buffer.from(machine.readMemory(address, bytes)))).toBe(true)
    }
  })
})
