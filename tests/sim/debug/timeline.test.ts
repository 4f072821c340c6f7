import { beforeAll, describe, expect, test } from 'vitest'
import { Stops } from '../../../sim/debug/stops.ts'
import { Timeline } from '../../../sim/debug/timeline.ts'
import type { ElfImage } from '../../../sim/elf/image.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import type { Machine } from '../../../sim/machine.ts'
import { installedToolchains } from '../../runtime-c/firmware.ts'
import { buildBusyFirmware } from '../snapshot/busy-firmware.ts'
import { digest, machine } from '../snapshot/machines.ts'

const toolchain = installedToolchains[0]
if (toolchain === undefined) console.warn('going back in time is not tested: no toolchain is installed')

describe.skipIf(toolchain === undefined)('a timeline', () => {
  let image: ElfImage

  beforeAll(async () => {
    image = await loadElf(await buildBusyFirmware(toolchain!), 'busy.elf')
  })

  function boot(cpu: string): Machine {
    const made = machine({ cpu, engine: 'interpreter' })
    made.load(image)
    return made
  }

  function open(cpu = 'ibex-maxperf') {
    const subject = boot(cpu)
    const stops = new Stops(subject)
    return { subject, stops, timeline: new Timeline(subject, stops) }
  }

  test.each(['ibex-maxperf', 'ideal', 'picorv32'])('steps back through what it stepped forward through: %s', (cpu) => {
    const { subject, timeline } = open(cpu)
    timeline.run(9000)
    const states = [digest(subject.save())]
    for (let step = 0; step < 60; step++) {
      const before = subject.hart.cycles
      timeline.step()
      // The entry of an interrupt that takes no time is no step of its own on the way back.
      if (subject.hart.cycles > before) states.push(digest(subject.save()))
      else states[states.length - 1] = digest(subject.save())
    }
    const cycles = states.map((state) => (state as { hart: { progress: { cycles: number } } }).hart.progress.cycles)
    for (let back = states.length - 2; back >= 0; back--) {
      expect(timeline.stepBack()).toBe(true)
      expect(subject.hart.cycles).toBe(cycles[back])
      if (cpu === 'ibex-maxperf' && back % 7 === 0) expect(digest(subject.save())).toEqual(states[back])
    }
  })

  test('ends at its beginning', () => {
    const { subject, timeline } = open()
    const start = digest(subject.save())
    timeline.step()
    timeline.step()
    expect([timeline.stepBack(), timeline.stepBack(), timeline.stepBack()]).toEqual([true, true, false])
    expect(digest(subject.save())).toEqual(start)
  })

  test('goes forward again to the same end, with everything written once', () => {
    const whole = boot('ibex-maxperf')
    const end = whole.run()
    const { subject, timeline } = open()
    for (let round = 0; round < 5; round++) {
      timeline.run(3000)
      for (let back = 0; back < 3; back++) timeline.stepBack()
    }
    expect(timeline.run(1e6)).toEqual(end)
    expect(digest(subject.save())).toEqual(digest(whole.save()))
  })

  /** All stops from the beginning to the end, forward; then backward from there. */
  function bothWays(set: (stops: Stops, address: number) => void, symbol: string) {
    const { subject, stops, timeline } = open()
    set(stops, image.symbols.get(symbol)!.address)
    const forward: number[] = []
    while (timeline.run(1e6).reason === 'stopped') {
      forward.push(subject.hart.cycles)
      timeline.step()
    }
    const backward: number[] = []
    for (;;) {
      const work = timeline.runBack()
      let step = work.next()
      while (step.done !== true) step = work.next()
      if (step.value.kind === 'beginning') return { forward, backward: backward.reverse(), start: subject.hart.cycles }
      backward.push(subject.hart.cycles)
    }
  }

  test('finds every breakpoint hit backwards that there was forwards', () => {
    const { forward, backward, start } = bothWays((stops, pc) => stops.setBreakpoint(pc, true), 'uart_put')
    expect(forward).toHaveLength(6 * 3 + ' done\n'.length)
    expect(backward).toEqual(forward)
    expect(start).toBe(0)
  })

  test('finds writes of the DMA, and stands before them on the way back', () => {
    const target = (stops: Stops, address: number) =>
      stops.setWatchpoint({ kind: 'write', address: address + 512 * 5 + 8, length: 4 }, true)
    const { forward, backward } = bothWays(target, 'target')
    // Start-up clears it, the last STORE fills it.
    expect(forward).toHaveLength(2)
    expect(backward).toHaveLength(2)
    for (const [i, cycle] of backward.entries()) expect(cycle).toBeLessThan(forward[i]!)
  })

  test('what is changed in the past makes another future, which repeats as well', () => {
    const { subject, timeline } = open()
    timeline.run(5000)
    const address = image.symbols.get('source')!.address
    const bytes = Uint8Array.of(0xee)
    timeline.run(2000)
    for (let back = 0; back < 10; back++) timeline.stepBack()
    timeline.intervene({ kind: 'memory', address, bytes })
    const changedAt = subject.hart.cycles
    timeline.run(30)
    const after = digest(subject.save())
    const cycle = subject.hart.cycles
    while (subject.hart.cycles > changedAt) timeline.stepBack()
    timeline.stepBack()
    expect(subject.readMemory(address, 1)).not.toEqual(bytes)
    while (subject.hart.cycles < cycle) timeline.step()
    expect(subject.readMemory(address, 1)).toEqual(bytes)
    expect(digest(subject.save())).toEqual(after)
  })

  test('reset leads back to the beginning, and forgets what was done from outside', () => {
    const { subject, timeline } = open()
    const start = digest(subject.save())
    timeline.intervene({ kind: 'register', number: 10, value: 99 })
    timeline.run(1000)
    timeline.reset()
    expect(digest(subject.save())).toEqual(start)
    timeline.run(1000)
    expect(timeline.run(1e6)).toMatchObject({ exitCode: 42 })
  })
})
