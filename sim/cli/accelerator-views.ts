import { findAccelerator } from '../../accelerators/index.ts'
import { acceleratorView } from '../accel/view.ts'
import type { SocDescription } from '../soc/description.ts'
import type { AcceleratorView, AcceleratorViews } from '../soc/registers.ts'

/**
 * What the SoC's accelerators look like to software, by the names of their blocks.
 *
 * @throws UserError when there is no such accelerator or a parameter is impossible
 */
export async function acceleratorViews(soc: SocDescription): Promise<AcceleratorViews> {
  const views: Record<string, AcceleratorView> = {}
  for (const block of soc.blocks) {
    if (block.kind !== 'accelerator') continue
    views[block.name] = acceleratorView(await findAccelerator(block.accelerator).description(), block)
  }
  return views
}
