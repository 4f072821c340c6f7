import type { RegisterRow } from '../devices/registers.ts'
import { maskOf } from '../devices/registers.ts'
import { hex } from '../hex.ts'
import type { SocBlock, SocDescription } from './description.ts'
import { deviceRegisters } from './registers.ts'

/**
 * The memory map as a C header (`soc.h`): `SOC_<NAME>_BASE`, `_SIZE`, `_IRQ` of every block, the clocks, and
 * `<KIND>_<REGISTER>` offsets with `<KIND>_<REGISTER>_<FIELD>` masks of the devices.
 */
export function socHeader(soc: SocDescription): string {
  const kinds = Object.entries(deviceRegisters).filter(([kind]) => soc.blocks.some((block) => block.kind === kind))
  return `/* Memory map of SoC '${soc.name}', derived from its description. */
#ifndef SOC_H
#define SOC_H

#define SOC_CLOCK_HZ ${soc.clockHz}u
#define SOC_TIMEBASE_HZ ${soc.timebaseHz}u

${soc.blocks.map(blockLines).join('\n')}
/* Registers of the devices: offsets in bytes, and masks of their fields. */
${kinds.map(([kind, rows]) => rows.flatMap((row) => registerLines(kind.toUpperCase(), row)).join('\n')).join('\n\n')}

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

function registerLines(prefix: string, { name, offset, access, doc, fields = {}, array }: RegisterRow): string[] {
  const macro = `${prefix}_${name.toUpperCase()}`
  const each = array === undefined ? '' : `; ${array.count} of them, every ${array.stride} bytes`
  return [
    `#define ${macro} 0x${offset.toString(16)}u /* ${access}: ${doc}${each} */`,
    ...Object.entries(fields).map(
      ([field, place]) => `#define ${macro}_${field.toUpperCase()} 0x${maskOf(place).toString(16)}u`,
    ),
  ]
}
