import { describe, expect, it } from 'vitest'
import { csr } from '../../../sim/cpu/csr/rows.ts'
import { USER } from '../../../sim/cpu/pmp.ts'
import { cause } from '../../../sim/cpu/trap.ts'
import type { Machine, MachineOptions } from '../../../sim/machine.ts'
import { asm, exit, guest, li, registers, START } from '../guest.ts'

const [tselect, tdata1, tdata2, tinfo, tcontrol] = [0x7a0, 0x7a1, 0x7a2, 0x7a4, 0x7a5]
const MTE = 1 << 3
const MPTE = 1 << 7
/** Fields of tdata1. */
const [MCONTROL, MCONTROL6, DISABLED] = [2 << 28, 6 << 28, 15 << 28]
const [LOAD, STORE, EXECUTE, U, M] = [1, 2, 4, 1 << 3, 1 << 6]
const NAPOT = 1 << 7
const size = (bytes: 1 | 2 | 4) => (Math.log2(bytes) + 1) << 16
const HIT6 = 1 << 22
const HIT2 = 1 << 20
const DATA = START + 0x2000

/** What tdata1 keeps of a value. */
function kept(value: number): number {
  const { csrs } = guest([]).hart
  csrs.write(tdata1, value)
  return csrs.read(tdata1)
}

describe('the registers', () => {
  it('tell a debugger what there is, in the order in which the specification looks for it', () => {
    const { csrs } = guest([]).hart
    const found: number[] = []
    for (let index = 0; ; index++) {
      csrs.write(tselect, index)
      if (csrs.read(tselect) !== index) break
      found.push(csrs.read(tinfo))
    }
    // Version 1, types 2 (mcontrol), 6 (mcontrol6) and 15 (disabled).
    expect(found).toEqual(Array(4).fill(0x0100_8044))
  })

  it('are of their own for every trigger, and disabled at reset', () => {
    const { csrs } = guest([]).hart
    for (let index = 0; index < 4; index++) {
      csrs.write(tselect, index)
      expect([csrs.read(tdata1), csrs.read(tdata2)]).toEqual([DISABLED, 0])
      csrs.write(tdata1, MCONTROL6 | (1 << index))
      csrs.write(tdata2, 100 + index)
    }
    for (let index = 0; index < 4; index++) {
      csrs.write(tselect, index)
      expect(csrs.read(tdata2)).toBe(100 + index)
      expect(csrs.read(tdata1) & 7).toBe((1 << index) & 7)
    }
  })

  it.each([0, 1, 3, 4, 5, 7, 8, 12, 14, 15])('type %i is not there: the trigger is disabled', (type) => {
    expect(kept((type << 28) | 0x0fff_ffff)).toBe(DISABLED)
  })

  /** Field, its bits, and what remains of all ones in them. */
  type FieldRow = readonly [name: string, bits: number, remains: number]
  const common: readonly FieldRow[] = [
    ['dmode', 1 << 27, 0],
    ['select: addresses only', 1 << 21, 0],
    ['action: breakpoint exception only', 0xf << 12, 0],
    ['chain', 1 << 11, 0],
    ['match 15', 0xf << 7, 0],
    ['match 1: NAPOT', NAPOT, NAPOT],
    ['match 2: greater', 2 << 7, 0],
    ['m', M, M],
    ['s: there is no supervisor mode', 1 << 4, 0],
    ['u', U, U],
    ['execute, store, load', 7, 7],
  ]
  it.each<FieldRow>([
    ...common,
    ['uncertain', 1 << 26, 0],
    ['hit1', 1 << 25, 0],
    ['vs, vu', 3 << 23, 0],
    ['hit0', HIT6, HIT6],
    ['size 1 byte', 1 << 16, 1 << 16],
    ['size 4 bytes', 3 << 16, 3 << 16],
    ['size 8 bytes', 5 << 16, 0],
    ['uncertainen', 1 << 5, 0],
  ])('mcontrol6: %s', (_, bits, remains) => {
    expect(kept(MCONTROL6 | bits)).toBe(MCONTROL6 | remains)
  })

  const MASKMAX = 31 << 21
  it.each<FieldRow>([
    ...common.map(([name, bits, remains]) => [name, bits & ~MASKMAX, remains] as const),
    ['maskmax', 0, 0],
    ['hit', 1 << 20, 1 << 20],
    ['select', 1 << 19, 0],
    ['timing: before only', 1 << 18, 0],
    ['sizelo', 3 << 16, 3 << 16],
  ])('mcontrol: %s', (_, bits, remains) => {
    expect(kept(MCONTROL | bits)).toBe(MCONTROL | MASKMAX | remains)
  })

  it('are of machine mode: user mode may not even read them', () => {
    const machine = guest([asm('csrrs', { rd: 1, imm: tselect })], { handler: exit })
    machine.hart.csrs.write(0x3b0, -1)
    machine.hart.csrs.write(0x3a0, 0x1f)
    toUserMode(machine)
    machine.run()
    expect(machine.hart.csrs.read(csr.mcause)).toBe(cause.illegalInstruction)
  })
})

/** Goes on in user mode at START. */
function toUserMode({ hart }: Machine): void {
  hart.csrs.set(csr.mepc, START)
  hart.csrs.set(csr.mstatus, 0)
  hart.returnFromTrap()
  expect(hart.privilege).toBe(USER)
}

/** Sets a trigger of a machine. */
function arm({ hart: { csrs } }: Machine, data1: number, data2: number, index = 0): void {
  csrs.write(tselect, index)
  csrs.write(tdata2, data2)
  csrs.write(tdata1, data1)
}

/** Runs a program up to its exit, with a trigger armed in machine mode; what a trap that ended it looks like. */
function trapOf(program: readonly number[], data1: number, data2: number, options: MachineOptions = {}) {
  const machine = guest([...program, ...exit], { handler: exit, ...options })
  const { csrs, x } = machine.hart
  csrs.write(tcontrol, MTE)
  x[5] = DATA
  x[6] = 0x1234_5678
  arm(machine, data1, data2)
  const { reason } = machine.run()
  const pc = (csrs.read(csr.mepc) >>> 0) - START
  const code = csrs.read(csr.mcause)
  const address = csrs.read(csr.mtval) >>> 0
  const trap =
    code === 0 && pc < 0
      ? undefined
      : { code, pc, address, hit: (csrs.read(tdata1) & (data1 >>> 28 === 2 ? HIT2 : HIT6)) !== 0 }
  return { reason, trap, machine }
}

const nop = asm('addi')
const sw = (imm: number) => asm('sw', { rs1: 5, rs2: 6, imm })
const lw = (imm: number) => asm('lw', { rd: 7, rs1: 5, imm })
const breakpoint = (pc: number, address: number) => ({ code: cause.breakpoint, pc, address: address >>> 0, hit: true })

describe('a trigger fires', () => {
  it('before the instruction at the address is executed', () => {
    const { trap, machine } = trapOf([nop, asm('addi', { rd: 7, imm: 1 })], MCONTROL6 | M | EXECUTE, START + 4)
    expect(trap).toEqual(breakpoint(4, START + 4))
    expect(machine.hart.x[7]).toBe(0)
  })

  it('before a store stores', () => {
    const { trap, machine } = trapOf([sw(8)], MCONTROL6 | M | STORE, DATA + 8)
    expect(trap).toEqual(breakpoint(0, DATA + 8))
    expect(machine.readMemory(DATA + 8, 4)).toEqual(new Uint8Array(4))
  })

  it('before a load loads: a device does not hear of it', () => {
    const uart = 0x1000_0000
    const program = [...li(5, uart), asm('lbu', { rd: 7, rs1: 5 })]
    const { trap, machine } = trapOf(program, MCONTROL6 | M | LOAD, uart)
    expect(trap).toEqual(breakpoint(8, uart))
    expect(machine.hart.x[7]).toBe(0)
  })

  it.each([
    ['a word, at any of its bytes', lw(8), DATA + 10, true],
    ['not at the byte behind it', lw(8), DATA + 12, false],
    ['not at the byte before it', lw(8), DATA + 7, false],
    ['a byte', asm('lb', { rd: 7, rs1: 5, imm: 9 }), DATA + 9, true],
    ['another access than it looks at', sw(8), DATA + 8, false],
  ])('at loads: %s', (_, instruction, address, fires) => {
    expect(trapOf([instruction], MCONTROL6 | M | LOAD, address).trap !== undefined).toBe(fires)
  })

  it.each([
    [1, asm('sb', { rs1: 5, rs2: 6 })],
    [2, asm('sh', { rs1: 5, rs2: 6 })],
    [4, sw(0)],
  ] as const)('at accesses of %i bytes when it looks at those', (bytes, store) => {
    for (const wanted of [1, 2, 4] as const) {
      const { trap } = trapOf([store], MCONTROL6 | M | STORE | size(wanted), DATA)
      expect(trap !== undefined).toBe(wanted === bytes)
    }
  })

  it('at instructions of 2 or 4 bytes, if it looks at those', () => {
    const options = { isa: 'rv32imc_zicsr' }
    const twoNops = 0x0001_0001
    for (const [program, bytes] of [
      [[twoNops], 2],
      [[nop], 4],
    ] as const) {
      for (const wanted of [2, 4] as const) {
        const { trap } = trapOf(program, MCONTROL6 | M | EXECUTE | size(wanted), START, options)
        expect(trap !== undefined).toBe(wanted === bytes)
      }
    }
    const second = trapOf([twoNops], MCONTROL6 | M | EXECUTE, START + 2, options)
    expect(second.trap).toEqual(breakpoint(2, START + 2))
  })

  it.each([8, 64, 4096])('anywhere in a naturally aligned range of %i bytes', (bytes) => {
    const range = DATA | (bytes / 2 - 1)
    const places = [-4, 0, 1, bytes / 2, bytes - 1, bytes]
    const fired = places.map(
      (at) => trapOf([...li(5, DATA + at), asm('lbu', { rd: 7, rs1: 5 })], MCONTROL6 | M | LOAD | NAPOT, range).trap,
    )
    expect(fired.map((trap) => trap?.address)).toEqual(
      places.map((at) => (at >= 0 && at < bytes ? DATA + at : undefined)),
    )
  })

  it('of the older type as well, with its own hit bit', () => {
    expect(trapOf([sw(0)], MCONTROL | M | STORE, DATA).trap).toEqual(breakpoint(0, DATA))
  })

  it('at lr as a load, at sc as a store, at amo as both, before they do anything', () => {
    const isa = 'rv32ima_zicsr'
    const [lr, sc, amo] = ['lr.w', 'sc.w', 'amoadd.w'].map((name) => asm(name, { rd: 7, rs1: 5, rs2: 6 })) as [
      number,
      number,
      number,
    ]
    for (const [program, fires] of [
      [[lr], LOAD],
      [[lr, sc], STORE],
      [[amo], LOAD | STORE],
    ] as const) {
      for (const accesses of [LOAD, STORE]) {
        const actual = { isa, ...trapOf(program, MCONTROL6 | M | accesses, DATA, { isa }).trap }
        const loadsFirst = program.length === 2 && accesses === LOAD
        expect(actual.code).toBe((fires & accesses) !== 0 || loadsFirst ? cause.breakpoint : undefined)
      }
    }
    const { machine } = trapOf([amo], MCONTROL6 | M | STORE, DATA, { isa })
    expect(machine.readMemory(DATA, 4)).toEqual(new Uint8Array(4))
  })
})

describe('priority', () => {
  it('a breakpoint comes before a fetch fault, a misaligned access and an access fault', () => {
    const nowhere = 0x7000_0000
    const jump = [...li(5, nowhere), asm('jalr', { rs1: 5 })]
    expect(trapOf(jump, MCONTROL6 | M | EXECUTE, nowhere).trap).toEqual(breakpoint(nowhere - START, nowhere))
    expect(trapOf([lw(1)], MCONTROL6 | M | LOAD, DATA + 1).trap).toEqual(breakpoint(0, DATA + 1))
    expect(trapOf([sw(3)], MCONTROL6 | M | STORE, DATA + 3).trap).toEqual(breakpoint(0, DATA + 3))
    const load = [...li(5, nowhere), lw(0)]
    expect(trapOf(load, MCONTROL6 | M | LOAD, nowhere).trap).toEqual(breakpoint(8, nowhere))
  })

  it('all triggers that fire together are marked', () => {
    const machine = guest([sw(0), ...exit], { handler: exit })
    machine.hart.x[5] = DATA
    machine.hart.csrs.write(tcontrol, MTE)
    arm(machine, MCONTROL6 | M | STORE, DATA, 1)
    arm(machine, MCONTROL6 | M | LOAD, DATA, 2)
    arm(machine, MCONTROL6 | M | STORE | NAPOT, DATA | 0xff, 3)
    machine.run()
    const hits = [0, 1, 2, 3].map((index) => {
      machine.hart.csrs.write(tselect, index)
      return (machine.hart.csrs.read(tdata1) & HIT6) !== 0
    })
    expect(hits).toEqual([false, true, false, true])
  })
})

describe('modes', () => {
  it('machine mode is exempt unless tcontrol.mte is set', () => {
    const machine = guest([nop, ...exit], { handler: exit })
    arm(machine, MCONTROL6 | M | EXECUTE, START)
    expect(machine.hart.observed).toBe(false)
    expect(machine.run()).toMatchObject({ reason: 'exit', instructions: 6 })
    expect(machine.hart.csrs.read(csr.mcause)).toBe(0)
  })

  it.each([
    ['u', U, cause.breakpoint],
    ['m', M, cause.userCall],
  ])('user mode is asked for by u, whatever mte is: %s', (_, mode, expected) => {
    const machine = guest([nop, asm('ecall')], { handler: exit })
    machine.hart.csrs.write(0x3b0, -1)
    machine.hart.csrs.write(0x3a0, 0x1f)
    arm(machine, MCONTROL6 | mode | EXECUTE, START)
    toUserMode(machine)
    machine.run()
    expect(machine.hart.csrs.read(csr.mcause)).toBe(expected)
  })

  it('a trap turns triggers of machine mode off, mret turns them on again', () => {
    const handler = [
      asm('csrrs', { rd: 10, imm: tcontrol }),
      // On to the next instruction.
      asm('csrrs', { rd: 11, imm: csr.mepc }),
      asm('addi', { rd: 11, rs1: 11, imm: 4 }),
      asm('csrrw', { rs1: 11, imm: csr.mepc }),
      asm('addi', { rd: 12, rs1: 12, imm: 1 }),
      sw(0),
      asm('mret'),
    ]
    const machine = guest([sw(0), sw(0), asm('csrrs', { rd: 13, imm: tcontrol }), ...exit], { handler })
    machine.hart.x[5] = DATA
    machine.hart.csrs.write(tcontrol, MTE)
    arm(machine, MCONTROL6 | M | STORE, DATA)
    expect(machine.run().reason).toBe('exit')
    const [during, , traps, after] = machine.hart.x.subarray(10, 14)
    expect({ during, traps, after }).toEqual({ during: MPTE, traps: 2, after: MPTE | MTE })
  })
})

describe('engines', () => {
  /** Sums up and fills two lines of data over and over; the handler counts in x12 and steps over what broke. */
  const program = [
    ...li(5, DATA),
    ...li(8, 2000),
    // loop:
    lw(0),
    asm('add', { rd: 9, rs1: 9, rs2: 7 }),
    sw(0),
    asm('sw', { rs1: 5, rs2: 9, imm: 0x44 }),
    lw(0x80),
    asm('addi', { rd: 8, rs1: 8, imm: -1 }),
    asm('bne', { rs1: 8, rs2: 0, imm: -24 }),
    ...exit,
  ]
  const handler = [
    asm('csrrs', { rd: 11, imm: csr.mepc }),
    asm('addi', { rd: 11, rs1: 11, imm: 4 }),
    asm('csrrw', { rs1: 11, imm: csr.mepc }),
    asm('addi', { rd: 12, rs1: 12, imm: 1 }),
    asm('mret'),
  ]
  const run = (options: MachineOptions, triggers: readonly (readonly [number, number])[]) => {
    const machine = guest(program, { handler, cpu: 'ibex', ...options })
    machine.hart.csrs.write(tcontrol, MTE)
    for (const [index, [data1, data2]] of triggers.entries()) arm(machine, data1, data2, index)
    const { reason, instructions, cycles } = machine.run({ maxInstructions: 1_000_000 })
    return { reason, instructions, cycles, traps: machine.hart.x[12], registers: registers(machine) }
  }
  const triggers = {
    load: [[MCONTROL6 | M | LOAD, DATA + 0x80]],
    'store and its neighbour in the line': [
      [MCONTROL6 | M | STORE, DATA + 0x44],
      [MCONTROL6 | M | STORE, DATA + 0x48],
    ],
    'execute in the loop': [[MCONTROL6 | M | EXECUTE, START + 5 * 4]],
    'everything at once': [
      [MCONTROL6 | M | LOAD | STORE | NAPOT, DATA | 0x7ff],
      [MCONTROL6 | M | EXECUTE, START + 5 * 4],
      [MCONTROL6 | M | EXECUTE, START + 9 * 4 + 2],
    ],
    none: [],
  } as const

  it.each(Object.entries(triggers))('agree on %s', (name, armed) => {
    const interpreted = run({ engine: 'interpreter' }, armed)
    expect(run({ engine: 'translator' }, armed)).toEqual(interpreted)
    expect(interpreted.reason).toBe('exit')
    expect(interpreted.traps! > 1000).toBe(name !== 'none')
  })

  it('run translated code again once no trigger is armed', () => {
    const machine = guest(program, { handler, engine: 'translator' })
    machine.hart.csrs.write(tcontrol, MTE)
    arm(machine, MCONTROL6 | M | LOAD, DATA + 0x80)
    expect(machine.hart.observed).toBe(true)
    machine.run({ maxInstructions: 1000 })
    machine.hart.csrs.write(tdata1, 0)
    machine.run()
    expect([machine.hart.observed, machine.translatedModules > 0]).toEqual([false, true])
  })
})

it('a snapshot holds the triggers', () => {
  const machine = guest([sw(0), ...exit], { handler: exit })
  machine.hart.x[5] = DATA
  machine.hart.csrs.write(tcontrol, MTE)
  arm(machine, MCONTROL6 | M | STORE, DATA, 3)
  const other = guest([sw(0), ...exit], { handler: exit })
  other.restore(machine.save())
  other.run()
  expect(other.hart.csrs.read(csr.mcause)).toBe(cause.breakpoint)
  expect([tselect, tcontrol].map((address) => other.hart.csrs.read(address))).toEqual([3, MPTE])
})
