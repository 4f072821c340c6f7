import { InvalidArgumentError } from 'commander'
import { UserError } from '../diagnostic.ts'
import { flatImage } from '../elf/flat.ts'
import type { ElfImage } from '../elf/image.ts'
import { hex } from '../hex.ts'
import type { Machine } from '../machine.ts'
import { findBlock } from '../soc/description.ts'
import { deviceTree } from '../soc/device-tree.ts'
import { encodeDtb } from '../soc/device-tree-blob.ts'
import { readInput } from './read-input.ts'

/** A flat binary to load. */
export interface FlatBinary {
  readonly address: number
  readonly file: string
}

/** Value of the repeatable option `--load ADDRESS:FILE`. */
export function parseFlat(text: string, before: readonly FlatBinary[] = []): readonly FlatBinary[] {
  const colon = text.indexOf(':')
  const address = Number(text.slice(0, colon))
  const file = text.slice(colon + 1)
  if (colon < 1 || file === '' || !Number.isInteger(address) || address < 0 || address >= 2 ** 32) {
    throw new InvalidArgumentError('It must look like 0x80000000:firmware.bin.')
  }
  return [...before, { address, file }]
}

/** @throws UserError when the file cannot be read or is empty */
export function loadFlat({ address, file }: FlatBinary): ElfImage {
  return flatImage(address, readInput(file), file)
}

const A1 = 11
const TREE_ALIGNMENT = 8

/**
 * Puts the device tree of the machine's SoC, with the hart as it is, at the end of the ROM, and its address in a1. The
 * number of the hart is in a0 anyway: it is 0.
 *
 * @throws UserError when the SoC has no ROM, or no room in it
 */
export function withDeviceTree(machine: Machine, images: readonly ElfImage[]): void {
  const { soc, hart } = machine
  const tree = encodeDtb(deviceTree({ ...soc, hart: { ...soc.hart, isa: hart.isa.name } }))
  const rom = findBlock(soc, 'rom')
  if (rom === undefined) {
    throw new UserError(
      'dtb-rom',
      'the SoC has no ROM to hold a device tree',
      "add a block of kind 'rom', or leave out --dtb",
    )
  }
  const end = rom.base + rom.size
  const address = (end - tree.length) & -TREE_ALIGNMENT
  const taken = images.flatMap(({ segments }) => segments).filter((segment) => overlaps(segment, address, end))
  if (address < rom.base || taken.length > 0) {
    const place = `${hex(address)} to ${hex(end - 1)}`
    throw new UserError(
      'dtb-room',
      `the device tree does not fit the ROM at ${place}`,
      'enlarge the ROM, or leave out --dtb',
    )
  }
  machine.writeMemory(address, tree)
  hart.x[A1] = address
}

function overlaps(segment: { readonly address: number; readonly memorySize: number }, from: number, to: number) {
  return segment.address < to && segment.address + segment.memorySize > from
}
