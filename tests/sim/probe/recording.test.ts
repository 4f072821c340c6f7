import { describe, expect, it } from 'vitest'
import { timingModels } from '../../../sim/cpu/timing/models.ts'
import type { Machine, MachineOptions } from '../../../sim/machine.ts'
import { ACCESS_LOAD, ACCESS_STORE, type ControlWrite } from '../../../sim/probe/instruction-log.ts'
import type { Probe } from '../../../sim/probe/probe.ts'
import { randomMachines } from '../../lockstep/machines.ts'
import { Random } from '../../lockstep/random.ts'
import { asm, exit, guest, li } from '../guest.ts'

const INSTRUCTIONS = 30_000

/** Everything that is known of a retired instruction, as numbers. */
type Entry = readonly number[]

/** A probe that keeps every entry. */
function collector(): { readonly entries: Entry[]; readonly probe: Probe } {
  const entries: Entry[] = []
  const instructions: Probe['instructions'] = (log) => {
    for (let i = 0; i < log.count; i++) {
      const access = log.access[i]!
      const accessed = access === 0 ? [] : [access, log.address[i]!]
      const stored = (access & ACCESS_STORE) === 0 ? [] : [log.stored[i]!]
      const controls = log.controls.filter(({ entry }) => entry === i).flatMap(({ csr, value }) => [csr, value])
      const common = [log.pc[i]!, log.raw[i]!, log.began[i]!, log.privilege[i]!, log.destination[i]!, log.result[i]!]
      entries.push([...common, ...accessed, ...stored, ...controls])
    }
  }
  return { entries, probe: { instructions } }
}

/** The entries of a run in which nothing but `stepInstruction` carries out instructions. */
function stepped(machine: Machine): Entry[] {
  const { hart } = machine
  const entries: Entry[] = []
  let access: number[] = []
  let controls: Omit<ControlWrite, 'entry'>[] = []
  const observer = {
    load: (address: number, size: number) => {
      access = [ACCESS_LOAD | size, address]
    },
    store: (address: number, size: number, value: number) => {
      access = [(access[0] ?? 0) | ACCESS_STORE | size, address, value]
    },
    csrWrite: (csr: number, value: number) => controls.push({ csr, value }),
  }
  machine.control = { stopsAt: () => false, observer }
  for (;;) {
    const { instructions, cycles } = hart
    machine.run({ maxCycles: cycles })
    hart.takeInterrupt()
    const before = [hart.pc, hart.cycles, hart.privilege] as const
    const code = machine.bus.read(hart.pc, 2)! | (machine.bus.read(hart.pc + 2, 2)! << 16)
    access = []
    controls = []
    const { reason } = machine.step()
    if (hart.instructions > instructions) {
      const [pc, began, privilege] = before
      const { raw, rd } = hart.decoder.decode(code)!
      const written = controls.flatMap(({ csr, value }) => [csr, value])
      entries.push([pc, raw >>> 0, began, privilege, rd, hart.x[rd]!, ...access, ...written])
    }
    if (reason !== 'limit' || hart.instructions >= INSTRUCTIONS) return entries
  }
}

describe('recorded instructions', () => {
  it.each(timingModels.map(({ name }) => name))('are those of stepping, on random programs and %s', (cpu) => {
    for (let seed = 1; seed <= 2; seed++) {
      const make = randomMachines(new Random(seed), cpu)
      const { entries, probe } = collector()
      const recorded = make('auto', { probes: [probe] })
      recorded.run({ maxInstructions: INSTRUCTIONS })
      const reference = make('interpreter')
      expect(firstDifference(entries, stepped(reference))).toBeUndefined()
      expect(recorded.hart.instructions).toBe(reference.hart.instructions)
    }
  })

  it('leave the state of a run that nobody follows', () => {
    const make = randomMachines(new Random(7), 'ibex')
    const followed = make('auto', { probes: [collector().probe] })
    const alone = make('interpreter')
    for (let stop = 1; stop < 30; stop++) {
      const limits = { maxCycles: stop * 997 }
      expect(followed.run(limits)).toEqual(alone.run(limits))
    }
    expect(followed.save()).toEqual(alone.save())
  })

  it('begin when the one before ended, also from one log to the next', () => {
    const loop = [...li(5, 20_000), asm('addi', { rd: 5, rs1: 5, imm: -1 }), asm('bne', { rs1: 5, imm: -4 })]
    let end = 0
    const options: MachineOptions = {
      cpu: 'cv32e40p',
      probes: [
        {
          instructions: (log) => {
            expect(log.began[0]).toBe(end)
            end = log.began[log.count]!
          },
        },
      ],
    }
    const { cycles } = guest([...loop, ...exit], options).run()
    expect(end).toBe(cycles)
  })
})

function firstDifference(actual: readonly Entry[], expected: readonly Entry[]) {
  const index = expected.findIndex((entry, i) => entry.join() !== actual[i]?.join())
  if (index < 0) return actual.length === expected.length ? undefined : { length: actual.length }
  return { index, actual: actual[index], expected: expected[index] }
}
