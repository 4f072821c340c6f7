import { describe, expect, test } from 'vitest'
import type { IssuedCommand } from '../../../sim/accel/listener.ts'
import { irq, status } from '../../../sim/accel/ring-registers.ts'
import { type Commands, move, RAM, RING, Rig, unit } from './rig.ts'

const fence = (sequence: number, more: Record<string, number> = {}) => ['fence', { sequence, ...more }] as const
const load = (ram: number, scratch: number, bytes: number, more: Record<string, number> = {}) =>
  ['load', { ...move(ram, scratch, bytes), ...more }] as const
const store = (ram: number, scratch: number, bytes: number, more: Record<string, number> = {}) =>
  ['store', { ...move(ram, scratch, bytes), ...more }] as const
const copy = (input: number, output: number, bytes: number, more: Record<string, number> = {}) =>
  ['copy', { input, output, bytes, rows: 1, planes: 1, ...more }] as const

describe('finding the block', () => {
  test('ID, VERSION and every parameter can be read', () => {
    const rig = new Rig({ rows: 8, columns: 32, activationKiB: 128 })
    expect(rig.get('ID')).toBe(0x434e4e31)
    expect(rig.get('VERSION')).toBe(0x10000)
    expect([rig.get('CONFIG_ROWS'), rig.get('CONFIG_COLUMNS'), rig.get('CONFIG_ACTIVATION_KIB')]).toEqual([8, 32, 128])
    expect(rig.get('STATUS')).toBe(status.idle)
  })

  test('only aligned words answer, and nothing answers between the registers', () => {
    const { model } = new Rig()
    expect(model.read(0, 2)).toBeUndefined()
    expect(model.read(2, 4)).toBeUndefined()
    expect(model.read(0x3c, 4)).toBeUndefined()
    expect(model.write(0x1000, 4, 1)).toBe(false)
  })

  test('a read-only register refuses writes', () => {
    const { model } = new Rig()
    expect(model.write(0, 4, 1)).toBe(false)
    expect(model.read(0, 4)).toBe(0x434e4e31)
  })
})

describe('a slot of the ring', () => {
  const listening = () => {
    const heard: IssuedCommand[] = []
    const rig = new Rig({}, { finished: (command) => heard.push(command) })
    return { rig, heard }
  }

  test('that holds the same bytes when the stream begins again gives the same command', () => {
    const { rig, heard } = listening()
    for (let round = 0; round < 2; round++) rig.run([load(RAM, 0, 64), fence(1)])
    expect(heard[2]).toBe(heard[0])
    expect(heard[3]).toBe(heard[1])
  })

  test('that holds other bytes gives what they say, legal or not', () => {
    const { rig, heard } = listening()
    rig.run([load(RAM, 0, 64), fence(1)])
    rig.run([load(RAM, 16, 32), fence(2)])
    expect(heard.map(({ fields }) => fields.scratch ?? fields.sequence)).toEqual([0, 1, 16, 2])
    rig.run([load(RAM, 0, 0), fence(3)])
    expect(rig.model.error).toMatchObject({ field: 'bytes', index: 0 })
    expect(rig.get('FENCE')).toBe(0)
  })

  test('that comes round again gives a command with an index of its own', () => {
    const { rig, heard } = listening()
    rig.write([fence(1), fence(1)])
    rig.open(2)
    for (const tail of [2, 3, 5]) {
      rig.set('RING_TAIL', tail)
      rig.drain()
    }
    expect(heard.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4])
    expect(heard[2]!.address).toBe(heard[0]!.address)
  })
})

describe('the doorbell', () => {
  test('nothing is fetched before it, and not beyond it', () => {
    const rig = new Rig()
    rig.write([fence(1), fence(2), fence(3)])
    rig.open(3)
    rig.drain()
    expect([rig.get('RING_HEAD'), rig.get('FENCE')]).toEqual([0, 0])
    rig.set('RING_TAIL', 2)
    rig.drain()
    expect([rig.get('RING_HEAD'), rig.get('FENCE')]).toEqual([2, 2])
    rig.set('RING_TAIL', 3)
    rig.drain()
    expect([rig.get('RING_HEAD'), rig.get('FENCE')]).toEqual([3, 3])
  })

  test('nothing is fetched while CONTROL.enable is 0, and the block says so', () => {
    const rig = new Rig()
    rig.write([fence(1)])
    rig.open(1)
    rig.set('CONTROL', 0)
    rig.set('RING_TAIL', 1)
    rig.drain()
    expect(rig.get('FENCE')).toBe(0)
    expect(rig.get('STATUS') & status.idle).toBe(0)
    expect(rig.model.waitingFor()).toContain('CONTROL.enable is 0')
    rig.set('CONTROL', 1)
    rig.drain()
    expect(rig.get('FENCE')).toBe(1)
  })

  test('a command is read from RAM when it is fetched: a slot may be changed before the doorbell', () => {
    const rig = new Rig()
    rig.open(1)
    rig.write([fence(7)])
    rig.write([fence(9)])
    rig.set('RING_TAIL', 1)
    rig.drain()
    expect(rig.get('FENCE')).toBe(9)
  })

  test('it wraps round a ring of any size, head and tail counting on', () => {
    const rig = new Rig()
    rig.open(3)
    for (let sequence = 1; sequence <= 20; sequence++) {
      rig.write([fence(sequence)], (sequence - 1) % 3)
      rig.set('RING_TAIL', sequence)
      rig.drain()
      expect(rig.get('FENCE')).toBe(sequence)
    }
    expect(rig.get('RING_HEAD')).toBe(20)
    expect(rig.get('STATUS')).toBe(status.idle)
  })

  test('a ring can be filled to its last slot', () => {
    const rig = new Rig()
    rig.run([fence(1), fence(2), fence(3), fence(4)])
    expect(rig.get('FENCE')).toBe(4)
  })

  test('writing RING_BASE starts a stream again, with FENCE back at zero', () => {
    const rig = new Rig()
    rig.run([fence(5)])
    expect(rig.get('FENCE')).toBe(5)
    rig.set('RING_BASE', RING)
    expect([rig.get('RING_HEAD'), rig.get('RING_TAIL'), rig.get('FENCE')]).toEqual([0, 0, 0])
    rig.set('RING_TAIL', 1)
    rig.drain()
    expect(rig.get('FENCE')).toBe(5)
  })
})

describe('fences', () => {
  const bytes = 4096

  test('one completes when everything before it has, and does not hold up what comes behind', () => {
    const finished: string[] = []
    const rig = new Rig({}, { finished: ({ name, index }) => finished.push(`${index} ${name}`) })
    rig.run([load(RAM, 0, bytes), fence(1), copy(0, 0x8000, 16)])
    expect(finished).toEqual(['2 copy', '0 load', '1 fence'])
  })

  test('one waits for the last of several commands in a unit', () => {
    const finished: string[] = []
    const rig = new Rig({}, { finished: ({ name, index }) => finished.push(`${index} ${name}`) })
    rig.run([load(RAM, 0, 64), load(RAM, 0, 64), load(RAM, 0, bytes), fence(1)])
    expect(finished).toEqual(['0 load', '1 load', '2 load', '3 fence'])
  })

  test('they complete in the order of the stream', () => {
    const order: number[] = []
    const rig = new Rig({}, { fence: (sequence) => order.push(sequence) })
    rig.run([load(RAM, 0, bytes), fence(1), fence(2), copy(0, 0x8000, 16), fence(3)])
    expect(order).toEqual([1, 2, 3])
  })

  test('a timestamp is the SoC cycle of completion, in RAM', () => {
    let at = -1
    const rig = new Rig({}, { fence: (_, cycle) => (at = cycle) })
    rig.run([load(RAM, 0, 100), fence(1, { timestamp: RAM + 0x1000 })])
    expect(at).toBeGreaterThan(0)
    expect(new DataView(rig.ram.buffer).getBigUint64(0x1000, true)).toBe(BigInt(at))
  })

  test('only a fence with its interrupt bit raises the line; writing 1 to IRQ_STATUS clears it', () => {
    const rig = new Rig()
    rig.run([fence(1)])
    expect([rig.interrupt, rig.get('IRQ_STATUS')]).toEqual([false, 0])
    rig.run([fence(2, { interrupt: 1 })])
    expect([rig.interrupt, rig.get('IRQ_STATUS')]).toEqual([true, irq.fence])
    rig.set('IRQ_STATUS', irq.error)
    expect(rig.interrupt).toBe(true)
    rig.set('IRQ_STATUS', irq.fence)
    expect([rig.interrupt, rig.get('IRQ_STATUS')]).toEqual([false, 0])
  })

  test('IRQ_ENABLE masks the line, not the status', () => {
    const rig = new Rig()
    rig.write([fence(1, { interrupt: 1 })])
    rig.open(1)
    rig.set('IRQ_ENABLE', 0)
    rig.set('RING_TAIL', 1)
    rig.drain()
    expect([rig.interrupt, rig.get('IRQ_STATUS')]).toEqual([false, irq.fence])
    rig.set('IRQ_ENABLE', irq.fence)
    expect(rig.interrupt).toBe(true)
  })
})

describe('tokens', () => {
  /** A load that takes long, a copy of what it loads, a store of the copy. */
  const chain = (tokens: boolean): Commands => [
    load(RAM, 0, 8192, tokens ? { signal: unit.compute } : {}),
    copy(0, 0x4000, 64, tokens ? { wait: unit.load, signal: unit.store } : {}),
    store(RAM + 0x8000, 0x4000, 64, tokens ? { wait: unit.compute } : {}),
    fence(1),
  ]

  test('with them data flows from unit to unit', () => {
    const rig = new Rig()
    rig.ram.fill(0x11, 0, 8192)
    rig.run(chain(true))
    expect(rig.ram[0x8000]).toBe(0x11)
  })

  test('without them the later units really use what was there before', () => {
    const rig = new Rig()
    rig.ram.fill(0x11, 0, 8192)
    rig.memory('act').fill(0x77)
    rig.run(chain(false))
    expect(rig.ram[0x8000]).toBe(0x77)
    expect(rig.memory('act')[0]).toBe(0x11)
  })

  test('one that never comes is named, and the fence behind it stays open', () => {
    const rig = new Rig()
    rig.run([copy(0, 64, 16, { wait: unit.store }), fence(1)])
    expect(rig.get('FENCE')).toBe(0)
    expect(rig.get('STATUS') & status.idle).toBe(0)
    expect(rig.model.waitingFor()).toBe('unit compute waits for a token from store before command 0 (copy)')
  })

  test('tokens are counted: two given early let two commands start later', () => {
    const rig = new Rig()
    rig.run([
      load(RAM, 0, 16, { signal: unit.compute }),
      load(RAM, 16, 16, { signal: unit.compute }),
      copy(0, 64, 16, { wait: unit.load }),
      copy(0, 64, 16, { wait: unit.load }),
      fence(1),
    ])
    expect(rig.get('FENCE')).toBe(1)
    rig.run([copy(0, 64, 16, { wait: unit.load }), fence(2)])
    expect(rig.get('FENCE')).toBe(0)
  })

  test('units without a token between them run at the same time', () => {
    const times = new Map<string, { started: number; finished: number }>()
    const rig = new Rig(
      {},
      {
        started: ({ name }, at) => times.set(name, { started: at, finished: 0 }),
        finished: ({ name }, at) => times.has(name) && (times.get(name)!.finished = at),
      },
    )
    rig.run([load(RAM, 0, 8192), copy(0x4000, 0x8000, 4096), fence(1)])
    expect(times.get('copy')!.started).toBeLessThan(times.get('load')!.finished)
    expect(times.get('copy')!.finished).toBeLessThan(times.get('load')!.finished)
  })
})

describe('queues', () => {
  test('hold queueDepth commands beside the one that runs', () => {
    const rig = new Rig({ queueDepth: 2 })
    rig.write(Array.from({ length: 6 }, () => load(RAM, 0, 8192)))
    rig.open(6)
    rig.set('RING_TAIL', 6)
    rig.events.advanceTo(300)
    // One runs, two wait, and the fourth was fetched and stands before the full queue.
    expect(rig.get('RING_HEAD')).toBe(4)
  })

  test('a full one holds up the front end, and with it commands for other units', () => {
    const depths = [1, 8].map((queueDepth) => {
      let copyQueued = 0
      const rig = new Rig({ queueDepth }, { queued: ({ name }, at) => name === 'copy' && (copyQueued = at) })
      rig.run([...Array.from({ length: 5 }, () => load(RAM, 0, 1024)), copy(0, 0x4000, 16), fence(1)])
      expect(rig.get('FENCE')).toBe(1)
      return { copyQueued, stalled: rig.get('PERF_FRONT_END_STALLED') }
    })
    expect(depths[0]!.copyQueued).toBeGreaterThan(depths[1]!.copyQueued)
    expect(depths[0]!.stalled).toBeGreaterThan(0)
    expect(depths[1]!.stalled).toBe(0)
  })
})

describe('counters', () => {
  test('bytes, MACs and commands of everything that completed', () => {
    const rig = new Rig()
    const dense = { inputs: 10, outputs: 16, batch: 1, activationMin: -128, activationMax: 127 }
    rig.run([
      load(RAM, 0, 300),
      ['fullyConnected', { input: 0, output: 512, weights: 0, parameters: 256, ...dense }],
      store(RAM + 0x1000, 512, 16),
      fence(1),
    ])
    expect(rig.get('PERF_BYTES_READ_LO')).toBe(300)
    expect(rig.get('PERF_BYTES_WRITTEN_LO')).toBe(16)
    expect([rig.get('PERF_MACS_LO'), rig.get('PERF_MACS_HI')]).toEqual([160, 0])
    expect(rig.get('PERF_COMMANDS')).toBe(4)
  })

  test('waiting for a token and waiting for the bus are told apart', () => {
    const rig = new Rig()
    rig.run([
      load(RAM, 0, 4096, { signal: unit.compute }),
      store(RAM + 0x8000, 0x8000, 4096),
      copy(0, 0x4000, 16, { wait: unit.load }),
      fence(1),
    ])
    expect(rig.get('PERF_COMPUTE_WAIT_TOKEN')).toBeGreaterThan(200)
    expect(rig.get('PERF_COMPUTE_WAIT_BUS')).toBe(0)
    expect(rig.get('PERF_LOAD_WAIT_TOKEN')).toBe(0)
    expect(rig.get('PERF_LOAD_WAIT_BUS')).toBeGreaterThan(200)
    // Transfer of 4096 bytes at 16 a cycle, 8 cycles of latency, 4 to set up, and the wait.
    expect(rig.get('PERF_LOAD_BUSY')).toBe(4 + 8 + 256 + rig.get('PERF_LOAD_WAIT_BUS'))
  })

  test('CONTROL.clearCounters clears them and nothing else', () => {
    const rig = new Rig()
    rig.run([load(RAM, 0, 64), fence(3)])
    rig.set('CONTROL', 1 | 4)
    expect(rig.get('PERF_LOAD_BUSY')).toBe(0)
    expect(rig.get('PERF_BYTES_READ_LO')).toBe(0)
    expect(rig.get('CONTROL')).toBe(1)
    expect(rig.get('FENCE')).toBe(3)
  })
})

describe('the scratchpad window', () => {
  test('shows act at 0 and wgt behind it, and not the accumulators', () => {
    const rig = new Rig()
    const { window } = rig.model
    rig.memory('act').set([1, 2, 3, -1], 8)
    expect(window.read(8, 4)).toBe(0xff030201)
    expect(window.read(11, 1)).toBe(0xff)
    expect(window.write(0x40_0000, 2, 0x8001)).toBe(true)
    expect([...rig.memory('wgt').subarray(0, 2)]).toEqual([1, -128])
    expect(window.read(0x80_0000, 4)).toBeUndefined()
    expect(window.read(64 * 1024 - 2, 4)).toBeUndefined()
    expect(window.write(64 * 1024, 1, 0)).toBe(false)
  })
})

describe('reset', () => {
  test('stops everything at once; what was under way has no effect any more', () => {
    const rig = new Rig()
    rig.ram.fill(0x11, 0, 4096)
    rig.write([load(RAM, 0, 4096, { signal: unit.compute }), fence(1, { interrupt: 1 })])
    rig.open(2)
    rig.set('RING_TAIL', 2)
    rig.events.advanceTo(40)
    rig.set('CONTROL', 2)
    rig.drain()
    expect(rig.get('STATUS')).toBe(status.idle)
    expect(rig.memory('act')[0]).toBe(0)
    expect([rig.get('FENCE'), rig.get('RING_TAIL'), rig.get('CONTROL'), rig.get('IRQ_ENABLE')]).toEqual([0, 0, 0, 0])
    expect(rig.contention.dmaActive).toBe(false)
    rig.run([load(RAM, 0, 64), fence(2)])
    expect(rig.get('FENCE')).toBe(2)
  })
})

test('a reset takes back a fetch that is under way', () => {
  const rig = new Rig()
  rig.write([fence(1)])
  rig.open(1)
  rig.set('RING_TAIL', 1)
  rig.events.advanceTo(3)
  rig.set('CONTROL', 2)
  rig.drain()
  expect([rig.get('RING_HEAD'), rig.get('FENCE'), rig.get('ERROR_CODE')]).toEqual([0, 0, 0])
})

test('the same commands take the same cycles, run after run', () => {
  const commands = [load(RAM, 0, 5000), store(RAM + 0x4000, 0, 3000), copy(0, 0x4000, 2000), fence(1)]
  const cycles = [1, 2, 3].map(() => new Rig().run(commands))
  expect(new Set(cycles).size).toBe(1)
})

test('with clockDivider n everything takes n times as long', () => {
  const commands = [load(RAM, 0, 5000), copy(0x4000, 0x8000, 2000), fence(1)]
  expect(new Rig({ clockDivider: 3 }).run(commands)).toBe(3 * new Rig().run(commands))
})
