import { expect, it } from 'vitest'
import { Hotness, patient } from '../../../../sim/cpu/translator/hotness.ts'
import { asm, exit, guest, li, registers } from '../../guest.ts'

const COUNTER = 5
const DEVICE = 6
const MTIME = 0x0200_bff8

/** A loop of so many rounds over a body, which may use x7 and up. */
const loop = (rounds: number, body: readonly number[]) => [
  ...li(COUNTER, rounds),
  ...body,
  asm('addi', { rd: COUNTER, rs1: COUNTER, imm: -1 }),
  asm('bne', { rs1: COUNTER, imm: -4 * (body.length + 1) }),
  ...exit,
]

it('counts addresses of the upper half as well as any', () => {
  const hotness = new Hotness({ ...patient, arrivals: 2 })
  expect([0x8000_0000, 0x8000_0000, 4, 4].map((pc) => hotness.arrival(pc))).toEqual([false, true, false, true])
})

it('a loop that hardly computes between device accesses ends in the same state, translated or not', () => {
  const body = [asm('lw', { rd: 7, rs1: DEVICE }), asm('add', { rd: 8, rs1: 8, rs2: 7 })]
  const machines = (['interpreter', 'auto'] as const).map((engine) => {
    const machine = guest([...li(DEVICE, MTIME), ...loop(100_000, body)], { engine })
    machine.run()
    return machine
  })
  const [interpreted, translated] = machines.map((machine) => [
    machine.hart.cycles,
    machine.hart.instructions,
    ...registers(machine),
  ])
  expect(machines[1]!.translatedModules).toBeGreaterThan(0)
  expect(translated).toEqual(interpreted)
})

it('a loop that rewrites itself is not translated each time', () => {
  const body = [asm('auipc', { rd: 7 }), asm('lw', { rd: 8, rs1: 7 }), asm('sw', { rs1: 7, rs2: 8 })]
  const machine = guest(loop(300_000, body), { engine: 'auto' })
  machine.run()
  expect(machine.translatedModules).toBeLessThan(200)
})

it('goes on in the same state when all translations have been dropped together', () => {
  const body = [
    asm('auipc', { rd: 7 }),
    asm('lw', { rd: 8, rs1: 7 }),
    asm('sw', { rs1: 7, rs2: 8 }),
    asm('add', { rd: 9, rs1: 9, rs2: 5 }),
  ]
  const machines = (['interpreter', 'translator'] as const).map((engine) => {
    const machine = guest(loop(50_000, body), { engine })
    machine.run()
    return machine
  })
  const [interpreted, translated] = machines.map((machine) => [machine.hart.cycles, ...registers(machine)])
  // Modules that were dropped are forgotten, table and all, every 32 of them.
  expect(machines[1]!.translatedModules).toBeGreaterThan(300)
  expect(translated).toEqual(interpreted)
})
