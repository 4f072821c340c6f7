import { findToolchain } from '../../../compiler/toolchain/find-toolchain.ts'
import { chooseAccelerator } from '../../../sim/cli/choose-accelerator.ts'
import { inferModel } from '../../../sim/cli/infer-model.ts'
import type { Finding } from '../../../sim/sanitize/finding.ts'
import { Sanitizer } from '../../../sim/sanitize/sanitizer.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import type { GoldenModel } from '../../end-to-end/shared-models.ts'

/** Runs samples of a model's generated firmware under the sanitizer. */
export async function sanitizeModel(
  model: GoldenModel,
  accelerator: string,
  samples: number,
): Promise<{ findings: readonly Finding[]; match: boolean; instructions: number; seconds: number }> {
  const { soc, target } = await chooseAccelerator(defaultSoc, accelerator)
  const sanitizer = new Sanitizer({ soc, ...(target && { accelerator: target.description }) })
  const began = performance.now()
  const { report } = await inferModel(model.bytes, model.name, {
    soc,
    ...(target && { target }),
    toolchain: findToolchain(),
    inputs: [{ name: 'inputs.npy', array: model.inputs }],
    expected: [{ name: 'outputs.npy', array: model.outputs }],
    samples,
    probes: () => [sanitizer],
  })
  const seconds = (performance.now() - began) / 1000
  return { findings: sanitizer.findings, match: report.match, instructions: report.instructions * samples, seconds }
}
