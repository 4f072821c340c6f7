import { beforeAll, describe, expect, it } from 'vitest'
import { buildProgram } from '../../../programs/build.ts'
import { programs } from '../../../programs/programs.ts'
import { acceleratorFactories } from '../../../sim/cli/accelerator-factories.ts'
import type { ElfImage } from '../../../sim/elf/image.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import { parseFault } from '../../../sim/inject/parse.ts'
import { Machine, type MachineOptions } from '../../../sim/machine.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'

let image: ElfImage

beforeAll(async () => {
  image = await loadElf(await buildProgram(programs.find(({ name }) => name === 'watchdog')!), 'watchdog')
}, 60_000)

async function machineWith(specs: readonly string[], seed = 1, options: MachineOptions = {}): Promise<Machine> {
  const machine = new Machine(defaultSoc, {
    accelerators: await acceleratorFactories(defaultSoc),
    faults: { inject: specs.map(parseFault), seed },
    ...options,
  })
  machine.load(image)
  return machine
}

/** What the watchdog program says when the hardware misbehaves. */
async function watchdog(...specs: string[]): Promise<{ console: string; happened: readonly string[] }> {
  const machine = await machineWith(specs)
  const { reason, console } = machine.run({ maxCycles: 2_000_000 })
  expect(reason).toBe('exit')
  return { console, happened: machine.injectedFaults }
}

/** Cycle at which the first attempt is under way, found by looking at it without faults. */
async function busyCycle(): Promise<number> {
  const spans: number[] = []
  const machine = await machineWith([], 1, { probes: [{ accelerator: { started: (_, at) => spans.push(at) } }] })
  machine.run()
  return spans[1]! + 1
}

describe('an injected fault', () => {
  it('is a flipped bit in a scratchpad: the firmware finds wrong data and tries again', async () => {
    const at = await busyCycle()
    const { console, happened } = await watchdog(`flip:scratchpad=act,at=${at},byte=5,bit=3`)
    expect(console).toBe('attempt 1: wrong data\nattempt 2: done\n')
    expect(happened).toEqual([`cycle ${at}: bit 3 of act[0x5] turns over`])
  })

  it('is a flipped bit in every transfer: only the CPU gets it right', async () => {
    const { console } = await watchdog('flip-dma:rate=1')
    expect(console.split('\n').at(-2)).toBe('done by the CPU')
  })

  it('is a unit that is stuck: the watchdog ends the wait, a reset does not help', async () => {
    const { console } = await watchdog('stuck:unit=store,at=0')
    expect(console).toBe(`${[1, 2, 3].map((n) => `attempt ${n}: no answer\n`).join('')}done by the CPU\n`)
  })

  it('is a unit that is stuck in the middle of a command', async () => {
    const { console } = await watchdog(`stuck:unit=store,at=${await busyCycle()}`)
    expect(console).toContain('attempt 1: no answer\n')
  })

  it('is a lost interrupt: the timer wakes the hart, and the work is done', async () => {
    const lost = await machineWith(['drop-irq:source=11'])
    const fine = await machineWith([])
    const [late, soon] = [lost.run(), fine.run()]
    expect(late.console).toBe('attempt 1: done\n')
    expect(late.cycles).toBeGreaterThan(soon.cycles + 1000)
    expect(lost.injectedFaults).toHaveLength(1)
  })

  it('is a delayed interrupt: the hart sleeps that much longer', async () => {
    const delayed = await machineWith(['delay-irq:source=11,cycles=700'])
    const fine = await machineWith([])
    expect(delayed.run().cycles - fine.run().cycles).toBeGreaterThan(600)
  })

  it('is a bus error in the second transfer of a range: the accelerator stops, and works after a reset', async () => {
    const buffer = image.symbols.get('from')!.address
    const { console } = await watchdog(`bus-error:range=0x${buffer.toString(16)}-0x${(buffer + 3).toString(16)}`)
    expect(console).toBe('attempt 1: bus error\nattempt 2: done\n')
  })

  const byte = (symbol: string) => `0x${image.symbols.get(symbol)!.address.toString(16)}`

  it.each([
    ['load', 'to', 'load access fault (mcause 5)'],
    ['store', 'to', 'store access fault (mcause 7)'],
    ['fetch', 'main', 'instruction access fault (mcause 1)'],
    ['hart', 'main', 'instruction access fault (mcause 1)'],
  ])('is a bus error of a %s by the hart: an access fault, the same in every engine', async (access, symbol, text) => {
    const spec = `bus-error:range=${byte(symbol)}-${byte(symbol)},access=${access}`
    const run = async (options: MachineOptions) => {
      const said: string[] = []
      const machine = await machineWith([spec], 1, { ...options, diagnostic: (one) => said.push(one) })
      const { console, cycles, instructions, exitCode } = machine.run({ maxCycles: 2_000_000 })
      return { console, cycles, instructions, exitCode, said, happened: machine.injectedFaults }
    }
    const found = await run({ engine: 'interpreter' })
    expect(found).toMatchObject({ exitCode: 126, console: expect.stringContaining(`trap: ${text}`) })
    expect(found.said).toContainEqual(expect.stringContaining(`(${byte(symbol)}, which an injected fault refuses)`))
    expect(found.happened).toHaveLength(1)
    expect(await run({ engine: 'translator' })).toEqual(found)
    expect(await run({ probes: [{ instructions: () => {} }] })).toEqual(found)
  })

  it('is a bus error of the UART: the hart gets it in the middle of its output', async () => {
    const { base } = defaultSoc.blocks.find(({ kind }) => kind === 'uart16550')!
    const machine = await machineWith([`bus-error:range=${base}-${base + 7},access=load,nth=3`])
    expect(machine.run().console).toMatch(/^attrap: load access fault/)
  })

  it('that does not happen is told from those that do', async () => {
    const machine = await machineWith(['drop-irq:source=11,nth=50', 'stuck:unit=load,at=5'])
    machine.run({ maxCycles: 100 })
    expect([...machine.idleFaults]).toEqual([0])
    expect(machine.injectedFaults).toEqual(['cycle 5: unit load is stuck'])
  })

  it('is the same for the same seed and in both engines', async () => {
    const run = async (seed: number, engine: 'interpreter' | 'translator') => {
      const machine = await machineWith(['flip-dma:rate=0.3'], seed, { engine })
      const { console, cycles } = machine.run()
      return { console, cycles, happened: machine.injectedFaults }
    }
    expect(await run(7, 'interpreter')).toEqual(await run(7, 'translator'))
    expect((await run(7, 'interpreter')).happened).not.toEqual((await run(8, 'interpreter')).happened)
  })
})

describe('what is refused', () => {
  it.each([
    ['explode', 'there is no fault'],
    ['flip:scratchpad=act', 'at is missing'],
    ['flip:scratchpad=act,at=-1', 'at=-1 is no whole number'],
    ['flip:scratchpad=act,at=1,bit=8', 'bit=8 is no whole number from 0 to 7'],
    ['flip-dma:rate=2', 'rate=2 is no probability'],
    ['stuck:unit=load,at=1,at=2', "'at=2' is not understood"],
    ['drop-irq:source=11,often=1', "'often=1' is not understood"],
    ['bus-error:range=5-1', 'range=5-1 is no range'],
    ['bus-error:range=1-5,access=look', 'access=look is none of dma, load, store, fetch, hart'],
  ])('%s', (spec, message) => {
    expect(() => parseFault(spec)).toThrow(message)
  })

  it('targets that do not exist', async () => {
    await expect(machineWith(['stuck:unit=warp,at=0'])).rejects.toThrow('no unit warp')
    await expect(machineWith(['flip:scratchpad=l2,at=0'])).rejects.toThrow('no scratchpad l2')
    await expect(machineWith(['drop-irq:source=5'])).rejects.toThrow('no interrupt source 5')
  })

  it('snapshots of a machine with faults', async () => {
    const machine = await machineWith(['stuck:unit=load,at=0'])
    expect(() => machine.save()).toThrow('no snapshots')
  })
})
