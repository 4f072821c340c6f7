import { describe, expect, it } from 'vitest'
import { csr } from '../../../sim/cpu/csr/rows.ts'
import type { MachineOptions } from '../../../sim/machine.ts'
import type { Probe } from '../../../sim/probe/probe.ts'
import { asm, exit, guest, li, START } from '../guest.ts'

const UART = 0x1000_0000
const MTIMECMP = 0x0200_4000
const CYCLES_PER_TICK = 10

/** What a probe that listens to everything but instructions hears, in order. */
function hear(program: readonly number[], options: Parameters<typeof guest>[1] = {}): unknown[] {
  const heard: unknown[] = []
  const probe: Probe = {
    trap: ({ at, pc, cause }) => heard.push(['trap', at, pc, cause]),
    trapReturn: ({ at, pc }) => heard.push(['return', at, pc]),
    device: ({ at, region, offset, write, value }) => heard.push([write ? 'write' : 'read', at, region, offset, value]),
    transmit: (byte, at) => heard.push(['transmit', at, byte]),
    standstill: ({ from, until }) => heard.push(['standstill', from, until]),
    interruptLine: (irq, level, at) => heard.push(['line', at, irq, level]),
  }
  guest(program, { ...options, probes: [probe] }).run({ maxCycles: 1000 })
  return heard
}

describe('a probe', () => {
  it('hears accesses to devices with the time and the register, refused ones without a value', () => {
    const program = [...li(5, UART), asm('lbu', { rd: 6, rs1: 5, imm: 5 }), asm('lw', { rd: 6, rs1: 5, imm: 0x40 })]
    expect(hear(program).slice(0, 2)).toEqual([
      ['read', 2, 'uart0', 5, 0x60],
      ['read', 3, 'uart0', 0x40, undefined],
    ])
  })

  it('hears the console, byte by byte', () => {
    const program = [...li(5, UART), asm('addi', { rd: 6, imm: 0x41 }), asm('sb', { rs1: 5, rs2: 6 }), ...exit]
    expect(hear(program)).toContainEqual(['transmit', 3, 0x41])
  })

  it('hears traps and the way back', () => {
    const handler = [asm('csrrs', { rd: 7, imm: csr.mepc }), asm('addi', { rd: 7, rs1: 7, imm: 4 })]
    const back = [asm('csrrw', { rs1: 7, imm: csr.mepc }), asm('mret')]
    const heard = hear([asm('ecall'), ...exit], { handler: [...handler, ...back] })
    expect(heard.slice(0, 2)).toEqual([
      ['trap', 1, START, 11],
      ['return', 4, START + 4],
    ])
  })

  it('hears how long the hart stood still', () => {
    const timer = [...li(5, MTIMECMP), asm('sw', { rs1: 5, imm: 4 }), asm('addi', { rd: 6, imm: 20 })]
    const heard = hear([...timer, asm('sw', { rs1: 5, rs2: 6 }), asm('jal', { imm: 0 })])
    expect(heard).toContainEqual(['standstill', 6, 20 * CYCLES_PER_TICK])
  })
})

describe('instructions', () => {
  /** Every retired instruction as its address and result, with events where they came. */
  function follow(program: readonly number[], options: MachineOptions = {}): unknown[] {
    const heard: unknown[] = []
    const probe: Probe = {
      instructions: (log) => {
        for (let i = 0; i < log.count; i++)
          heard.push([log.pc[i]! - START, log.result[i], log.began[i + 1]! - log.began[i]!])
      },
      device: ({ pc }) => heard.push(['device', pc - START]),
    }
    guest(program, { ...options, probes: [probe] }).run()
    return heard
  }

  it('are heard in order, an event before the instruction that caused it', () => {
    const program = [...li(5, UART), asm('lbu', { rd: 6, rs1: 5, imm: 5 }), ...exit]
    expect(follow(program).slice(0, 5)).toEqual([
      [0, UART, 1],
      [4, UART, 1],
      ['device', 8],
      [8, 0x60, 1],
      [12, 0x0010_0000, 1],
    ])
  })

  it('are all heard when there are more than fit one log', () => {
    const loop = [...li(5, 20_000), asm('addi', { rd: 5, rs1: 5, imm: -1 }), asm('bne', { rs1: 5, imm: -4 })]
    expect(follow([...loop, ...exit])).toHaveLength(2 + 40_000 + exit.length + 1)
  })
})
