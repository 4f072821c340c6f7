import type { SocDescription } from './description.ts'

/** The default SoC; its memory map is compatible with the `virt` machine of common RISC-V firmware. */
export const defaultSoc: SocDescription = {
  name: 'default',
  clockHz: 100_000_000,
  timebaseHz: 10_000_000,
  hart: { isa: 'rv32im_zicsr_zifencei', cpu: 'ibex-maxperf', misaligned: 'trap' },
  blocks: [
    { kind: 'rom', name: 'rom', base: 0x1000, size: 0xf000, doc: 'Read-only memory for boot code' },
    { kind: 'finisher', name: 'finisher', base: 0x0010_0000, size: 0x1000, doc: 'Test finisher: ends the run' },
    { kind: 'clint', name: 'clint', base: 0x0200_0000, size: 0x1_0000, doc: 'Timer and software interrupts' },
    { kind: 'plic', name: 'plic', base: 0x0c00_0000, size: 0x40_0000, doc: 'Platform interrupt controller' },
    { kind: 'uart16550', name: 'uart0', base: 0x1000_0000, size: 0x100, irq: 10, doc: 'NS16550A serial port' },
    {
      kind: 'accelerator',
      name: 'accelerator',
      base: 0x4000_0000,
      size: 0x1000,
      irq: 11,
      accelerator: 'cnn',
      window: { base: 0x4100_0000, size: 0x100_0000 },
      doc: 'CNN accelerator',
    },
    { kind: 'ram', name: 'ram', base: 0x8000_0000, size: 16 << 20, doc: 'Main memory: code, data, heap, stack' },
    { kind: 'markers', name: 'markers', base: 0xf000_0000, size: 0x10, doc: 'Region-of-interest markers' },
  ],
}
