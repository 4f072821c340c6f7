import type { Bus } from '../bus/bus.ts'
import { type Isa, isKnownExtension, missingExtensions, parseIsa } from '../cpu/isa.ts'
import { UserError } from '../diagnostic.ts'
import type { ElfImage } from '../elf/image.ts'
import { hex } from '../hex.ts'

/** Bits of e_flags (RISC-V ELF psABI, section 8.1). */
const FLAG_COMPRESSED = 1
const FLAG_FLOAT_ABI = 6

/**
 * Checks that a program fits the platform.
 *
 * @throws UserError when a segment lies outside of memory, or the program needs instructions that `isa` lacks
 */
export function checkFits(image: ElfImage, bus: Bus, isa: Isa): void {
  const place = { file: image.name }
  for (const { address, memorySize } of image.segments) {
    if (bus.memoryAt(address, memorySize) !== undefined) continue
    const range = `${hex(address)} to ${hex(address + memorySize - 1)}`
    throw new UserError(
      'elf-memory',
      `its segment at ${range} is not in memory`,
      'link it for the memory map of this SoC',
      place,
    )
  }
  if ((image.flags & FLAG_FLOAT_ABI) !== 0) {
    throw new UserError('elf-float', 'it passes floating-point values in registers', 'build it with -mabi=ilp32', place)
  }
  const missing = new Set(image.arch === undefined ? [] : missingExtensions(image.arch, isa))
  if ((image.flags & FLAG_COMPRESSED) !== 0 && !isa.extensions.has('c')) missing.add('c')
  if (missing.size === 0) return
  const names = [...missing].join(', ')
  const impossible = [...missing].filter((name) => !isKnownExtension(name))
  const hint =
    impossible.length > 0
      ? `build it without (-march=${isa.name})`
      : `add --isa ${parseIsa([isa.name, ...missing].join('_')).name}`
  throw new UserError('elf-isa', `it needs the extension ${names}, which the hart (${isa.name}) lacks`, hint, place)
}
