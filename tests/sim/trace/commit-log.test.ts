import { expect, it } from 'vitest'
import { csr } from '../../../sim/cpu/csr/rows.ts'
import { CommitLog } from '../../../sim/trace/commit-log.ts'
import { asm, exit, guest, HANDLER, li, START } from '../guest.ts'

function log(program: readonly number[], options: Parameters<typeof guest>[1] = {}) {
  const lines: string[] = []
  const machine = guest(program, { ...options, probes: [new CommitLog((line) => lines.push(line))] })
  const result = machine.run({ maxInstructions: program.length })
  return { lines: lines.join(''), result }
}

it("has the lines of Spike's --log-commits", () => {
  const { lines } = log([
    ...li(1, START + 0x800),
    asm('addi', { rd: 10, imm: -1 }),
    asm('sb', { rs1: 1, rs2: 10, imm: 1 }),
    asm('sh', { rs1: 1, rs2: 10, imm: 2 }),
    asm('lw', { rd: 11, rs1: 1 }),
    asm('sw', { rs1: 1, rs2: 11, imm: 4 }),
    asm('addi', { rs1: 10, imm: 1 }),
    asm('csrrw', { rd: 5, rs1: 10, imm: csr.mscratch }),
    asm('csrrw', { rs1: 10, imm: csr.mstatus }),
    asm('csrrs', { rd: 6, imm: csr.mscratch }),
    asm('beq', { imm: 4 }),
  ])
  expect(lines).toBe(`core   0: 3 0x80000000 (0x800010b7) x1  0x80001000
core   0: 3 0x80000004 (0x80008093) x1  0x80000800
core   0: 3 0x80000008 (0xfff00513) x10 0xffffffff
core   0: 3 0x8000000c (0x00a080a3) mem 0x80000801 0xff
core   0: 3 0x80000010 (0x00a09123) mem 0x80000802 0xffff
core   0: 3 0x80000014 (0x0000a583) x11 0xffffff00 mem 0x80000800
core   0: 3 0x80000018 (0x00b0a223) mem 0x80000804 0xffffff00
core   0: 3 0x8000001c (0x00150013)
core   0: 3 0x80000020 (0x340512f3) x5  0x00000000 c832_mscratch 0xffffffff
core   0: 3 0x80000024 (0x30051073) c768_mstatus 0x00221888
core   0: 3 0x80000028 (0x34002373) x6  0xffffffff
core   0: 3 0x8000002c (0x00000263)
`)
})

it('leaves out instructions that trap; mret shows mstatus', () => {
  const { lines } = log([asm('ecall')], { handler: [asm('csrrw', { rs1: 0, imm: csr.mepc }), asm('mret')] })
  expect(lines.split('\n')[0]).toBe('core   0: 3 0x80001000 (0x34101073) c833_mepc 0x00000000')
  const back = log([...li(1, HANDLER), asm('csrrw', { rs1: 1, imm: csr.mepc }), asm('mret')])
  expect(back.lines).toContain('(0x30200073) c768_mstatus 0x00000080 c784_mstatush 0x00000000\n')
})

it('shows 16-bit encodings as such', () => {
  expect(log([0x0001_4505], { isa: 'rv32imc' }).lines).toContain('core   0: 3 0x80000000 (0x4505) x10 0x00000001\n')
})

it('changes nothing about the run', () => {
  const program = [...Array(20).fill(asm('lw', { rd: 1, rs1: 2 })), ...exit]
  const plain = guest(program)
  const traced = guest(program, { probes: [new CommitLog(() => {})] })
  for (const machine of [plain, traced]) machine.hart.x[2] = START
  expect(traced.run()).toEqual(plain.run())
})
