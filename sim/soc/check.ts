import { UserError } from '../diagnostic.ts'
import type { SocDescription } from './description.ts'

const LINE_BYTES = 64
const LAST_INTERRUPT = 95

/**
 * Checks that a description can be built: unique names, no overlaps, everything inside 32 bits, a RAM.
 *
 * @throws UserError naming the block at fault
 */
export function checkSoc(soc: SocDescription): void {
  const refuse = (message: string, hint: string) => {
    throw new UserError('soc-invalid', message, hint, { file: soc.name })
  }
  if (!soc.blocks.some((block) => block.kind === 'ram')) refuse('the SoC has no RAM', "add a block of kind 'ram'")
  if (soc.timebaseHz <= 0 || soc.clockHz % soc.timebaseHz !== 0) {
    refuse('the timebase does not divide the clock', 'choose a timebaseHz such as clockHz / 10')
  }
  const ranges = soc.blocks.flatMap((block) =>
    block.kind === 'accelerator'
      ? [block, { name: `${block.name}'s window`, ...block.window }]
      : [block as { name: string; base: number; size: number }],
  )
  for (const { name, base, size } of ranges) {
    if (!(base >= 0 && size > 0 && base + size <= 2 ** 32))
      refuse(`${name} lies outside of 32-bit addresses`, 'move it')
  }
  const ascending = [...ranges].sort((a, b) => a.base - b.base)
  ascending.forEach((range, index) => {
    const before = ascending[index - 1]
    if (before !== undefined && before.base + before.size > range.base) {
      refuse(`${before.name} and ${range.name} overlap`, 'move one of them')
    }
  })
  const names = new Set<string>()
  for (const block of soc.blocks) {
    if (!/^[a-z_]\w*$/i.test(block.name)) refuse(`'${block.name}' is no C identifier`, 'choose another block name')
    if (names.has(block.name)) refuse(`two blocks are called ${block.name}`, 'choose another name')
    names.add(block.name)
    if (
      (block.kind === 'ram' || block.kind === 'rom') &&
      (block.size % LINE_BYTES !== 0 || block.base % LINE_BYTES !== 0)
    ) {
      refuse(`${block.name} is not a multiple of ${LINE_BYTES} bytes`, 'choose another base or size')
    }
    if (block.kind === 'uart16550' && block.clockHz === 0) refuse(`${block.name} has a clock of 0 Hz`, 'leave it out')
    if ('irq' in block && !(block.irq >= 1 && block.irq <= LAST_INTERRUPT)) {
      refuse(`${block.name} has interrupt ${block.irq}`, `choose one from 1 to ${LAST_INTERRUPT}`)
    }
  }
}
