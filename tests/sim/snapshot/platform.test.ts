import { beforeAll, describe, expect, test } from 'vitest'
import type { ElfImage } from '../../../sim/elf/image.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import type { Machine, MachineOptions, MachineState } from '../../../sim/machine.ts'
import { decodeState, encodeState } from '../../../sim/snapshot/encode.ts'
import { installedToolchains } from '../../runtime-c/firmware.ts'
import { buildBusyFirmware } from './busy-firmware.ts'
import { digest, machine } from './machines.ts'

const toolchain = installedToolchains[0]
if (toolchain === undefined) console.warn('snapshots of running firmware are not tested: no toolchain is installed')

describe.skipIf(toolchain === undefined)('a run that goes on from a snapshot', () => {
  let image: ElfImage

  beforeAll(async () => {
    image = await loadElf(await buildBusyFirmware(toolchain!), 'busy.elf')
  })

  function boot(options: MachineOptions = {}): Machine {
    const made = machine(options)
    made.load(image)
    return made
  }

  /** Runs to the end: result and state there. */
  function outcome(machine: Machine) {
    return { result: machine.run({ maxCycles: 1_000_000 }), state: digest(machine.save()) }
  }

  test.each([{}, { cpu: 'ibex' }, { cpu: 'picorv32' }, { engine: 'translator' }] as const)(
    'ends in the same state wherever the snapshot was taken: %o',
    (options) => {
      const whole = outcome(boot(options))
      expect(whole.result).toMatchObject({ reason: 'exit', exitCode: 42, console: '€€€€€€ done\n' })
      const last = whole.result.cycles
      const first = boot(options)
      for (let cycle = 0; cycle < last; cycle += Math.ceil(last / 23)) {
        first.run({ maxCycles: cycle })
        const state = decodeState(encodeState(first.save())) as MachineState
        const second = boot(options)
        second.restore(state)
        expect(digest(second.save()), `state at cycle ${cycle}`).toEqual(digest(state))
        expect(outcome(second), `from cycle ${cycle}`).toEqual(whole)
      }
    },
  )

  test('a machine goes back and forth between its own states', () => {
    const subject = boot()
    const states: MachineState[] = []
    for (let cycle = 0; subject.run({ maxCycles: cycle }).reason === 'limit'; cycle += 1500) states.push(subject.save())
    const end = digest(subject.save())
    for (const state of [...states].reverse()) {
      subject.restore(state)
      expect(digest(subject.save())).toEqual(digest(state))
      subject.run()
      expect(digest(subject.save())).toEqual(end)
    }
  })

  test('is the same with another engine', () => {
    const whole = outcome(boot())
    const first = boot({ engine: 'translator' })
    first.run({ maxCycles: 9000 })
    const second = boot({ engine: 'interpreter' })
    second.restore(first.save())
    expect(outcome(second)).toEqual(whole)
  })

  test('a repeated run writes nothing to the console twice', () => {
    const written: string[] = []
    const subject = boot({ console: (text) => written.push(text) })
    const start = subject.save()
    subject.run({ maxCycles: 5000 })
    subject.restore(start)
    subject.run()
    subject.restore(start)
    subject.run()
    expect(written.join('')).toBe('€€€€€€ done\n')
  })

  test('is refused by a machine of another kind, by name of what differs', () => {
    const state = boot().save()
    expect(() => boot({ cpu: 'picorv32' }).restore(state)).toThrow(
      /another timing model \(ibex-maxperf, not picorv32\)/,
    )
    expect(() => boot({ isa: 'rv32imc' }).restore(state)).toThrow('another ISA')
    expect(() => machine().restore(state)).toThrow('another program')
    expect(() => machine({ accelerators: {} }).restore(state)).toThrow('a SoC with other blocks')
  })
})
