import { beforeAll, describe, expect, it } from 'vitest'
import { modelFirmware } from '../../../compiler/build-model.ts'
import { compileModel } from '../../../compiler/compile.ts'
import { buildFirmware } from '../../../compiler/toolchain/build-firmware.ts'
import { findToolchain } from '../../../compiler/toolchain/find-toolchain.ts'
import { acceleratorFactories } from '../../../sim/cli/accelerator-factories.ts'
import { chooseAccelerator } from '../../../sim/cli/choose-accelerator.ts'
import { debugInfo } from '../../../sim/debug-info/debug-info.ts'
import type { ElfImage } from '../../../sim/elf/image.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import { type Engine, Machine } from '../../../sim/machine.ts'
import { layerIntervals } from '../../../sim/profile/inference-profile.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import type { EventGroup, TraceEvent } from '../../../sim/trace/events.ts'
import { TraceReader } from '../../../sim/trace/reader.ts'
import { TraceWriter } from '../../../sim/trace/writer.ts'
import { digitsModel } from '../../end-to-end/shared-models.ts'

const INFERENCES = 3
const MAIN = `#include "presilicon/model.h"
int main(void)
{
  for (int i = 0; i < ${INFERENCES}; i++)
    if (model_invoke() != 0) return 1;
  return 0;
}
`
/** Cycles from reading the counter to the store that the trace sees. */
const STORE = 16

type LayerEvent = Extract<TraceEvent, { kind: 'layer' }>

/** Firmware that runs digits some times. */
async function loopingDigits(accelerator: string): Promise<ElfImage> {
  const { soc, target } = await chooseAccelerator(defaultSoc, accelerator)
  const { bytes, name } = digitsModel()
  const {
    sources,
    generated = new Map(),
    ...rest
  } = modelFirmware(compileModel(bytes, name, { soc, ...(target && { target }) }))
  const own = sources.filter((path) => !path.endsWith('infer_main.c'))
  const elf = await buildFirmware(
    { ...rest, sources: own, generated: new Map([...generated, ['main.c', MAIN]]) },
    findToolchain(),
  )
  return loadElf(elf, name)
}

/** The events of layers in a trace of a run, and when each layer ran the last time by the firmware's own notes. */
async function layersOf(image: ElfImage, accelerator: string, engine: Engine, groups: readonly EventGroup[]) {
  const { soc } = await chooseAccelerator(defaultSoc, accelerator)
  const pieces: Uint8Array[] = []
  const platform = { soc, isa: soc.hart.isa, cpu: soc.hart.cpu }
  const writer = new TraceWriter((bytes) => pieces.push(bytes.slice()), { platform, events: new Set(groups) })
  const machine = new Machine(soc, { engine, accelerators: await acceleratorFactories(soc), probes: [writer.probe] })
  machine.load(image)
  expect(machine.run()).toMatchObject({ reason: 'exit', exitCode: 0 })
  writer.close()
  const trace = new TraceReader(new Uint8Array(Buffer.concat(pieces)), 'test')
  const events: LayerEvent[] = []
  trace.read({ event: (event) => event.kind === 'layer' && events.push(event) })
  const network = debugInfo(image).network!
  return {
    events,
    network,
    times: layerIntervals(network, machine.readMemory(network.times, 16 * network.layers.length)),
  }
}

describe.each(['none', 'cnn'])('layers of a network that runs %s', (accelerator) => {
  let image: ElfImage
  beforeAll(async () => {
    image = await loopingDigits(accelerator)
  })

  it('begin and end in every inference, on the hart when the firmware says so, on the accelerator before its fence', async () => {
    const { events, network, times } = await layersOf(image, accelerator, 'auto', ['layer'])
    expect(network.layers.some(({ target }) => target === 'cpu')).toBe(true)
    for (const { index, target } of network.layers) {
      const own = events.filter((event) => event.index === index)
      const edges = target === 'none' ? [] : Array.from({ length: INFERENCES }, () => [true, false]).flat()
      expect(own.map(({ begins }) => begins)).toEqual(edges)
      if (target === 'none') continue
      const [begin, end] = own.slice(-2).map(({ at }) => at)
      const { from, until } = times[index]!
      if (target === 'cpu') {
        expect(begin! - from).toBeGreaterThanOrEqual(0)
        expect(begin! - from).toBeLessThan(STORE)
        expect(end! - until).toBeGreaterThanOrEqual(0)
        expect(end! - until).toBeLessThan(STORE)
      } else expect(end!).toBeLessThanOrEqual(until)
    }
  })

  it('are the same in both engines, and beside instructions', async () => {
    const { events } = await layersOf(image, accelerator, 'auto', ['layer'])
    for (const [engine, groups] of [
      ['interpreter', ['layer']],
      ['translator', ['layer', 'dma', 'compute']],
    ] as const) {
      expect((await layersOf(image, accelerator, engine, groups)).events).toEqual(events)
    }
    if (accelerator === 'cnn') {
      expect((await layersOf(image, accelerator, 'auto', ['layer', 'commit'])).events).toEqual(events)
    }
  })
})
