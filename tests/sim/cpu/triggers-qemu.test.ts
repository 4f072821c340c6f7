/**
 * Triggers of type 2 in user mode, held to QEMU: the same code runs on both and says which traps it has seen. QEMU 7.2
 * compares for equality only, watches whole words, and leaves mtval zero, which the specification allows.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { csr } from '../../../sim/cpu/csr/rows.ts'
import { cause } from '../../../sim/cpu/trap.ts'
import { asm, bytes, exit, guest, HANDLER, li, START } from '../guest.ts'

const QEMU = 'qemu-system-riscv32'
const hasQemu = spawnSync(QEMU, ['--version']).status === 0

const MCONTROL = 2 << 28
const [LOAD, STORE, EXECUTE, U, M] = [1, 2, 4, 1 << 3, 1 << 6]
const DATA = START + 0x2000
const LOG = START + 0x3000
const USER_CODE = START + 0x800
const UART = 0x1000_0000

type Trigger = readonly [data1: number, data2: number]
interface Case {
  readonly triggers: readonly Trigger[]
  readonly body: readonly number[]
}

const sets = (register: number, value: number) => [...li(9, value), asm('csrrw', { rs1: 9, imm: register })]

/** Arms the triggers and goes to user mode. */
function start({ triggers }: Case): number[] {
  const armed = triggers.flatMap(([data1, data2], index) => [
    ...sets(0x7a0, index),
    ...sets(0x7a2, data2),
    ...sets(0x7a1, data1),
  ])
  return [
    ...sets(csr.mtvec, HANDLER),
    ...sets(0x3b0, -1),
    ...sets(0x3a0, 0x1f),
    ...li(28, LOG),
    ...li(5, DATA),
    ...armed,
    ...sets(csr.mstatus, 0),
    ...sets(csr.mepc, USER_CODE),
    asm('mret'),
  ]
}

/** Logs cause and address of every trap and steps over its instruction; a call prints the log and ends the run. */
const handler: readonly number[] = (() => {
  const log = [csr.mcause, csr.mepc].flatMap((register, i) => [
    asm('csrrs', { rd: 10, imm: register }),
    asm('sw', { rs1: 28, rs2: 10, imm: 4 * i }),
  ])
  const back = [
    asm('csrrs', { rd: 10, imm: csr.mepc }),
    asm('addi', { rd: 10, rs1: 10, imm: 4 }),
    asm('csrrw', { rs1: 10, imm: csr.mepc }),
    asm('mret'),
  ]
  const print = [
    ...li(9, LOG),
    ...li(10, UART),
    asm('lbu', { rd: 11, rs1: 9 }),
    asm('sb', { rs1: 10, rs2: 11 }),
    asm('addi', { rd: 9, rs1: 9, imm: 1 }),
    asm('bltu', { rs1: 9, rs2: 28, imm: -12 }),
  ]
  const call = [asm('csrrs', { rd: 10, imm: csr.mcause }), asm('addi', { rd: 11, imm: cause.userCall })]
  const logged = [...log, asm('addi', { rd: 28, rs1: 28, imm: 8 })]
  const toPrint = (back.length + 1) * 4
  return [...logged, ...call, asm('beq', { rs1: 10, rs2: 11, imm: toPrint }), ...back, ...print, ...exit]
})()

/** All of memory from START, as a flat image. */
function image(one: Case): Uint8Array {
  const all = new Uint8Array(0x1400)
  const parts = [
    [0, start(one)],
    [USER_CODE - START, [...one.body, asm('ecall')]],
    [HANDLER - START, handler],
  ] as const
  for (const [at, words] of parts) all.set(bytes(words), at)
  return all
}

interface Logged {
  readonly cause: number
  readonly at: number
}

function traps(log: Uint8Array): Logged[] {
  const words = new Uint32Array(log.slice().buffer)
  return Array.from({ length: words.length / 2 }, (_, i) => {
    const [cause, at] = words.subarray(2 * i)
    return { cause: cause!, at: at! - USER_CODE }
  })
}

function onQemu(one: Case): Logged[] {
  const folder = mkdtempSync(join(tmpdir(), 'triggers-'))
  const [file, log] = [join(folder, 'image.bin'), join(folder, 'log.bin')]
  writeFileSync(file, image(one))
  const machine = [
    '-machine',
    'virt',
    '-m',
    '16M',
    '-bios',
    'none',
    '-nographic',
    '-serial',
    `file:${log}`,
    '-monitor',
    'none',
  ]
  const loader = `loader,file=${file},addr=0x80000000`
  const { status } = spawnSync(QEMU, [...machine, '-device', loader], { timeout: 20_000 })
  const logged = Uint8Array.from(readFileSync(log))
  rmSync(folder, { recursive: true })
  expect(status).toBe(0)
  return traps(logged)
}

function here(one: Case): Logged[] {
  const output: number[] = []
  const machine = guest([], { console: (_, bytes) => output.push(...bytes) })
  machine.writeMemory(START, image(one))
  expect(machine.run({ maxInstructions: 100_000 }).reason).toBe('exit')
  machine.flushConsole()
  return traps(Uint8Array.from(output))
}

const nop = asm('addi')
const access = (name: string, imm = 0) =>
  asm(name, name.startsWith('s') ? { rs1: 5, rs2: 6, imm } : { rd: 7, rs1: 5, imm })
const body = [nop, access('lw'), access('sw'), access('lw', 4), nop, access('sw', 4), access('lb', 8), access('sh', 8)]

describe.skipIf(!hasQemu)(`as ${QEMU} does, where that is installed`, () => {
  it.each<[string, readonly Trigger[], number]>([
    ['execute', [[MCONTROL | U | EXECUTE, USER_CODE + 16]], 1],
    ['execute at two places', [0, 20].map((at) => [MCONTROL | U | EXECUTE, USER_CODE + at] as const), 2],
    ['load', [[MCONTROL | U | LOAD, DATA]], 1],
    ['store', [[MCONTROL | U | STORE, DATA + 4]], 1],
    ['load or store', [[MCONTROL | U | LOAD | STORE, DATA]], 2],
    ['another mode', [[MCONTROL | M | EXECUTE | LOAD | STORE, USER_CODE]], 0],
    ['no mode', [[MCONTROL | EXECUTE, USER_CODE]], 0],
    ['another type', [[U | EXECUTE, USER_CODE]], 0],
    ['nothing at that address', [[MCONTROL | U | LOAD | STORE, DATA + 64]], 0],
    [
      'a store and an instruction',
      [
        [MCONTROL | U | STORE, DATA + 4],
        [MCONTROL | U | EXECUTE, USER_CODE + 4],
      ],
      2,
    ],
  ])('%s', (_, triggers, count) => {
    const one = { triggers, body }
    const ours = here(one)
    expect(ours).toHaveLength(count + 1)
    expect(ours).toEqual(onQemu(one))
  })
})
