import type { Bus } from '../bus/bus.ts'
import { type Isa, isKnownExtension, missingExtensions, parseIsa } from '../cpu/isa.ts'
import { UserError } from '../diagnostic.ts'
import type { ElfImage } from '../elf/image.ts'
import { hex } from '../hex.ts'

/** Bits of e_flags (RISC-V ELF psABI, section 8.1). */
const FLAG_COMPRESSED = 1
const FLAG_FLOAT_ABI = 6
/** With compressed instructions; the least alignment of code. */
const LEAST_INSTRUCTION_BYTES = 2

/**
 * Checks that a program fits the platform.
 *
 * @param chosen whether the user named the ISA: then a program may run that was built for extensions which no hart
 *   here has, as long as it does without them
 * @returns those extensions
 * @throws UserError when a segment lies outside of memory, or the program needs instructions that `isa` lacks
 */
export function checkFits(image: ElfImage, bus: Bus, isa: Isa, chosen = false): readonly string[] {
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
  const impossible = [...missing].filter((name) => !isKnownExtension(name))
  const possible = [...missing].filter(isKnownExtension)
  if (possible.length === 0 && (chosen || impossible.length === 0)) return impossible
  const names = [...missing].join(', ')
  const flag = `--isa ${parseIsa([isa.name, ...possible].join('_')).name}`
  const hint =
    impossible.length === 0
      ? `add ${flag}`
      : `build it without ${impossible.join(', ')}, or add ${flag} if it can do without`
  throw new UserError('elf-isa', `it needs the extension ${names}, which the hart (${isa.name}) lacks`, hint, place)
}

/** The image without headers of its file where they lie outside of memory: a text address alone (-Ttext) leads to that. */
export function withoutHeaders(image: ElfImage, bus: Bus): ElfImage {
  const segments = image.segments
    .map((segment) => {
      const { address, bytes, memorySize, headerBytes = 0 } = segment
      if (headerBytes === 0 || bus.memoryAt(address, memorySize) !== undefined) return segment
      const left = { address: address + headerBytes, memorySize: memorySize - headerBytes, headerBytes: 0 }
      return { ...segment, ...left, bytes: bytes.subarray(headerBytes) }
    })
    .filter(({ memorySize }) => memorySize > 0)
  return { ...image, segments }
}

/** @throws UserError when a program's first instruction cannot be where its entry point says */
export function checkEntry({ entry, name }: ElfImage, bus: Bus): void {
  if (bus.memoryAt(entry, LEAST_INSTRUCTION_BYTES) !== undefined && entry % LEAST_INSTRUCTION_BYTES === 0) return
  const hint = "link it for this SoC's memory map, and name its first instruction with ENTRY()"
  throw new UserError('elf-entry', `its entry point ${hex(entry)} is not in memory, or odd`, hint, { file: name })
}
