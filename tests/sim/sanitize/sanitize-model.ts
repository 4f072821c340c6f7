import { findToolchain } from '../../../compiler/toolchain/find-toolchain.ts'
import type { ToolchainName } from '../../../compiler/toolchain/toolchain.ts'
import { chooseAccelerator } from '../../../sim/cli/choose-accelerator.ts'
import { inferModel } from '../../../sim/cli/infer-model.ts'
import type { Finding } from '../../../sim/sanitize/finding.ts'
import { Sanitizer } from '../../../sim/sanitize/sanitizer.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import type { GoldenModel } from '../../end-to-end/shared-models.ts'

export interface SanitizeOptions {
  /** `none` for the CPU alone. */
  readonly accelerator: string
  /** Parameters of the accelerator, e.g. `rows=8`. */
  readonly parameters?: readonly string[]
  /** Default: the first that is there. */
  readonly toolchain?: ToolchainName
  readonly samples?: number
}

/** Runs samples of a model's generated firmware under the sanitizer. */
export async function sanitizeModel(
  model: GoldenModel,
  { accelerator, parameters = [], toolchain, samples = 1 }: SanitizeOptions,
): Promise<{ findings: readonly Finding[]; match: boolean; instructions: number; seconds: number }> {
  const settings = parameters.map((parameter) => `accelerator.${parameter}`)
  const { soc, target } = await chooseAccelerator(defaultSoc, accelerator, settings)
  const sanitizer = new Sanitizer({ soc, ...(target && { accelerator: target.description }) })
  const began = performance.now()
  const { report } = await inferModel(model.bytes, model.name, {
    soc,
    ...(target && { target }),
    toolchain: findToolchain(toolchain),
    inputs: [{ name: 'inputs.npy', array: model.inputs }],
    expected: [{ name: 'outputs.npy', array: model.outputs }],
    samples,
    probes: () => [sanitizer],
  })
  const seconds = (performance.now() - began) / 1000
  return { findings: sanitizer.findings, match: report.match, instructions: report.instructions * samples, seconds }
}
