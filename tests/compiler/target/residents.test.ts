import { describe, expect, it } from 'vitest'
import { compileModel } from '../../../compiler/compile.ts'
import { chooseAccelerator } from '../../../sim/cli/choose-accelerator.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { digitsModel } from '../../end-to-end/shared-models.ts'

const model = digitsModel()

async function compile(settings: readonly string[] = [], keepAll = false) {
  const { soc, target } = await chooseAccelerator(defaultSoc, 'cnn', settings)
  return compileModel(model.bytes, model.name, { soc, target: target!, keepAll })
}

const count = (compiled: Awaited<ReturnType<typeof compile>>, name: string) =>
  compiled.accelerator!.stream.commands.filter((command) => command.name === name).length

describe('tensors that stay in the scratchpad', () => {
  it('spare the way through RAM: only the last result is stored', async () => {
    const compiled = await compile()
    expect(compiled.schedule!.residents.size).toBeGreaterThan(4)
    expect(count(compiled, 'store')).toBe(1)
  })

  it('go through RAM where scratchpads are small', async () => {
    const [large, small] = [await compile(), await compile(['accelerator.activationKiB=4'])]
    expect(small.schedule!.residents.size).toBeLessThan(large.schedule!.residents.size)
    expect(count(small, 'store')).toBeGreaterThan(1)
    expect(small.memory.arena.bytes).toBeGreaterThan(large.memory.arena.bytes)
  })

  it('are stored as well when every result is to be looked at', async () => {
    const compiled = await compile([], true)
    const onAccelerator = compiled.layers.filter(({ on }) => on === 'accelerator').length
    expect(count(compiled, 'store')).toBeGreaterThanOrEqual(onAccelerator)
    expect(compiled.schedule!.residents.size).toBeGreaterThan(4)
  })
})

describe('the command stream', () => {
  it('makes the controller wait once before each run of CPU layers and at the end', async () => {
    const { accelerator, layers } = await compile()
    const waits = accelerator!.stream.steps.filter(({ kind }) => kind === 'accelerator')
    const changes = layers.filter(({ on }) => on !== 'none').map(({ on }) => on)
    const runs = changes.filter((on, i) => on === 'accelerator' && changes[i + 1] !== 'accelerator')
    expect(waits).toHaveLength(runs.length)
    const fences = accelerator!.stream.commands.filter(({ name }) => name === 'fence')
    expect(fences).toHaveLength(changes.filter((on) => on === 'accelerator').length)
    expect(fences.filter(({ fields }) => fields.interrupt === 1)).toHaveLength(runs.length)
  })
})
