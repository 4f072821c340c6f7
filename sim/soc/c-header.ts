import { hex } from '../hex.ts'
import type { SocBlock, SocDescription } from './description.ts'

/** The memory map as a C header (`soc.h`): `SOC_<NAME>_BASE`, `_SIZE`, `_IRQ` of every block, and the clocks. */
export function socHeader(soc: SocDescription): string {
  return `/* Memory map of SoC '${soc.name}', derived from its description. */
#ifndef SOC_H
#define SOC_H

#define SOC_CLOCK_HZ ${soc.clockHz}u
#define SOC_TIMEBASE_HZ ${soc.timebaseHz}u

${soc.blocks.map(blockLines).join('\n')}
#endif
`
}

function blockLines(block: SocBlock): string {
  const prefix = `SOC_${block.name.toUpperCase()}`
  const lines = [
    `/* ${block.doc} */`,
    `#define ${prefix}_BASE ${hex(block.base)}u`,
    `#define ${prefix}_SIZE ${hex(block.size)}u`,
  ]
  if ('irq' in block) lines.push(`#define ${prefix}_IRQ ${block.irq}u`)
  if (block.kind === 'accelerator') {
    lines.push(`#define ${prefix}_WINDOW_BASE ${hex(block.window.base)}u`)
    lines.push(`#define ${prefix}_WINDOW_SIZE ${hex(block.window.size)}u`)
  }
  return `${lines.join('\n')}\n`
}
