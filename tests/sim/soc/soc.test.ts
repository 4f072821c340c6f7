import { describe, expect, it } from 'vitest'
import { Machine } from '../../../sim/machine.ts'
import { socHeader } from '../../../sim/soc/c-header.ts'
import { checkSoc } from '../../../sim/soc/check.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { findBlock, type SocBlock, type SocDescription } from '../../../sim/soc/description.ts'
import { linkerScript } from '../../../sim/soc/linker-script.ts'

const withBlocks = (...blocks: readonly SocBlock[]): SocDescription => ({
  ...defaultSoc,
  blocks: [...defaultSoc.blocks, ...blocks],
})
const ram = (name: string, base: number, size = 0x1000): SocBlock => ({ kind: 'ram', name, base, size, doc: 'more' })

describe('a description is refused', () => {
  it.each<[string, SocDescription]>([
    ['ram and extra overlap', withBlocks(ram('extra', 0x80ff_f000, 0x2000))],
    ["accelerator's window and extra overlap", withBlocks(ram('extra', 0x41ff_f000))],
    ['extra lies outside of 32-bit addresses', withBlocks(ram('extra', 0xffff_f000, 0x2000))],
    ['two blocks are called ram', withBlocks(ram('ram', 0x9000_0000))],
    ["'a-b' is no C identifier", withBlocks(ram('a-b', 0x9000_0000))],
    ['extra is not a multiple of 64 bytes', withBlocks(ram('extra', 0x9000_0000, 100))],
    [
      'uart1 has interrupt 96',
      withBlocks({ kind: 'uart16550', name: 'uart1', base: 0x1001_0000, size: 256, irq: 96, doc: '' }),
    ],
    ['the SoC has no RAM', { ...defaultSoc, blocks: [] }],
    ['the timebase does not divide the clock', { ...defaultSoc, timebaseHz: 3 }],
  ])('%s', (message, soc) => {
    expect(() => checkSoc(soc)).toThrow(message)
  })
})

it('the default SoC is valid and compatible with the virt machine', () => {
  checkSoc(defaultSoc)
  const base = (kind: SocBlock['kind']) => findBlock(defaultSoc, kind)?.base
  expect([base('finisher'), base('clint'), base('plic'), base('uart16550'), base('ram')]).toEqual([
    0x10_0000, 0x200_0000, 0xc00_0000, 0x1000_0000, 0x8000_0000,
  ])
  expect(findBlock(defaultSoc, 'uart16550')?.irq).toBe(10)
})

it('the C header names base, size and interrupt of every block', () => {
  const header = socHeader(defaultSoc)
  for (const block of defaultSoc.blocks) expect(header).toContain(`#define SOC_${block.name.toUpperCase()}_BASE 0x`)
  expect(header).toContain('#define SOC_UART0_BASE 0x10000000u\n')
  expect(header).toContain('#define SOC_ACCELERATOR_IRQ 11u\n')
  expect(header).toContain('#define SOC_ACCELERATOR_WINDOW_BASE 0x41000000u\n')
  expect(header).toContain('#define SOC_TIMEBASE_HZ 10000000u\n')
})

it('the linker script has the RAM of the description and keeps the stack free', () => {
  const small = { ...defaultSoc, blocks: [ram('ram', 0x2000_0000, 0x2_0000)] }
  const script = linkerScript(small, { stackBytes: 0x400 })
  expect(script).toContain('ORIGIN = 0x20000000, LENGTH = 0x20000')
  expect(script).toContain('__stack_bottom = __stack_top - 0x400;')
})

it('memory beyond the first RAM can be read, written and run from, and wait states cost cycles', () => {
  const slow = { ...ram('slow', 0x9000_0000), waitStates: 3 } as SocBlock
  const machine = new Machine(withBlocks(slow), { cpu: 'ideal' })
  const lw = 0x0000_a183 // lw x3, 0(x1)
  const sw = 0x0030_a223 // sw x3, 4(x1)
  machine.writeMemory(0x9000_0000, new Uint8Array(Int32Array.of(lw, sw).buffer))
  machine.hart.pc = 0x9000_0000
  machine.hart.x[1] = 0x9000_0000 | 0
  machine.run({ maxInstructions: 1 })
  expect([machine.hart.x[3], machine.hart.cycles]).toEqual([lw, 4])
  machine.run({ maxInstructions: 2 })
  expect(machine.readMemory(0x9000_0004, 4)).toEqual(machine.readMemory(0x9000_0000, 4))
})

it('the main memory charges its wait states in every engine alike', () => {
  const blocks = defaultSoc.blocks.map((block) => (block.kind === 'ram' ? { ...block, waitStates: 2 } : block))
  const machine = new Machine({ ...defaultSoc, blocks }, { cpu: 'ideal' })
  machine.writeMemory(0x8000_0000, new Uint8Array(Int32Array.of(0x0000_a183, 0x0030_a223).buffer))
  machine.hart.pc = 0x8000_0000
  machine.hart.x[1] = 0x8000_1000 | 0
  expect(machine.run({ maxInstructions: 2 }).cycles).toBe(6)
})

it('data accesses wait for DMA, and are counted for it', () => {
  const machine = new Machine(defaultSoc, { cpu: 'ideal' })
  machine.writeMemory(0x8000_0000, new Uint8Array(Int32Array.of(0x0000_a183, 0x0000_0013, 0x0030_a223).buffer))
  machine.hart.pc = 0x8000_0000
  machine.hart.x[1] = 0x8000_1000 | 0
  machine.bus.dmaActive = true
  expect(machine.run({ maxInstructions: 3 }).cycles).toBe(5)
  expect(machine.bus.hartAccesses).toBe(2)
})
