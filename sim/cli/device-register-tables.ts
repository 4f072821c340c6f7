import type { DeviceRegisters } from '../profile/device-accesses.ts'
import type { SocDescription } from '../soc/description.ts'
import { deviceRegisters } from '../soc/registers.ts'
import { acceleratorViews } from './accelerator-views.ts'

/** Registers of all blocks of a SoC, by the names of the blocks. */
export async function deviceRegisterTables(soc: SocDescription): Promise<DeviceRegisters> {
  const views = await acceleratorViews(soc)
  const plain: Partial<Record<string, DeviceRegisters[string]>> = deviceRegisters
  return Object.fromEntries(
    soc.blocks.flatMap(({ name, kind }) => {
      const registers = views[name]?.registers ?? plain[kind]
      return registers === undefined ? [] : [[name, registers]]
    }),
  )
}
