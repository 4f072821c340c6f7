import { findBlock, type SocDescription } from './description.ts'

export interface LinkerScriptOptions {
  /** Bytes kept free for the stack at the top of RAM; linking fails when data reaches into them. Default 64 KiB, a quarter of a small RAM. */
  readonly stackBytes?: number
}

const DEFAULT_STACK_BYTES = 64 << 10

/**
 * GNU linker script of a SoC: everything in its first RAM, in the order code, constants, data, zeroed data, heap,
 * stack (growing down from the end). Start-up code is section `.text.start`; entry is `_start`.
 *
 * Symbols: `__global_pointer$`, `__bss_start`, `__bss_end`, `_end`, `__heap_start`, `__heap_end`, `__stack_bottom`,
 * `__stack_top` (also `_stack_top`), `__text_start`, `__text_end`.
 */
export function linkerScript(soc: SocDescription, options: LinkerScriptOptions = {}): string {
  const ram = findBlock(soc, 'ram')
  if (ram === undefined) throw new RangeError('a SoC without RAM has no linker script')
  const { stackBytes = Math.min(DEFAULT_STACK_BYTES, ram.size >>> 2) } = options
  return `/* Memory layout of SoC '${soc.name}', derived from its description. */
OUTPUT_ARCH(riscv)
ENTRY(_start)
MEMORY { ram (rwx) : ORIGIN = 0x${ram.base.toString(16)}, LENGTH = 0x${ram.size.toString(16)} }
PHDRS { text PT_LOAD FLAGS(5); rodata PT_LOAD FLAGS(4); data PT_LOAD FLAGS(6); }
SECTIONS
{
  .text : ALIGN(64) {
    __text_start = .;
    KEEP(*(.text.start))
    *(.text .text.*)
    __text_end = .;
  } > ram :text
  .rodata : ALIGN(64) {
    *(.rodata .rodata.* .srodata .srodata.*)
  } > ram :rodata
  .data : ALIGN(64) {
    *(.data .data.*)
    __global_pointer$ = . + 0x800;
    *(.sdata .sdata.*)
    . = ALIGN(4);
  } > ram :data
  .bss (NOLOAD) : ALIGN(64) {
    __bss_start = .;
    *(.sbss .sbss.* .bss .bss.* COMMON)
    . = ALIGN(16);
    __bss_end = .;
  } > ram :data
  _end = .;
  __heap_start = .;
  __stack_top = ORIGIN(ram) + LENGTH(ram);
  _stack_top = __stack_top;
  __stack_bottom = __stack_top - 0x${stackBytes.toString(16)};
  __heap_end = __stack_bottom;
  ASSERT(_end <= __stack_bottom, "code and data leave no room for the stack")
  /* What generated firmware says of its network: in the file, not in memory. */
  .presilicon.network 0 (INFO) : { KEEP(*(.presilicon.network)) }
  /DISCARD/ : { *(.eh_frame .eh_frame_hdr .note .note.* .comment) }
}
`
}
