import type { BusRegion } from '../bus/bus.ts'
import { Memory } from '../bus/memory.ts'

/** Memory map for GDB (GDB manual, appendix E.16). Devices count as RAM: they can be looked at and written. */
export function memoryMap(regions: readonly BusRegion[]): string {
  const rows = regions.map(({ base, size, device }) => {
    const type = device instanceof Memory && device.readOnly ? 'rom' : 'ram'
    return `<memory type="${type}" start="0x${base.toString(16)}" length="0x${size.toString(16)}"/>`
  })
  return `<?xml version="1.0"?>
<!DOCTYPE memory-map PUBLIC "+//IDN gnu.org//DTD GDB Memory Map V1.0//EN" "http://sourceware.org/gdb/gdb-memory-map.dtd">
<memory-map>
${rows.join('\n')}
</memory-map>
`
}
