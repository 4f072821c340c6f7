import { findToolchain } from '../../../compiler/toolchain/find-toolchain.ts'
import { chooseAccelerator } from '../../../sim/cli/choose-accelerator.ts'
import { type InferReport, inferModel } from '../../../sim/cli/infer-model.ts'
import { reportInference } from '../../../sim/cli/report-inference.ts'
import type { ReportData } from '../../../sim/report/report-data.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { digitsModel, type GoldenModel } from '../../end-to-end/shared-models.ts'

interface Reported {
  readonly infer: InferReport
  readonly data: ReportData
}

/** One inference of the digits network, and its report. */
export const digitsReport = (accelerator?: string): Promise<Reported> =>
  inferenceReport({ ...digitsModel(), name: 'digits.tflite' }, accelerator)

/** One inference of a model, and its report. */
export async function inferenceReport(model: GoldenModel, accelerator?: string): Promise<Reported> {
  const { bytes, name } = model
  const { soc, target } = await chooseAccelerator(defaultSoc, accelerator)
  const platform = { soc, toolchain: findToolchain(), ...(target && { target }) }
  const inputs = [{ name: 'inputs.npy', array: model.inputs }]
  const { report: infer, typical } = await inferModel(bytes, name, { ...platform, inputs, expected: [], samples: 1 })
  const command = ['sim', 'infer', name]
  const data = await reportInference({ bytes, name, report: infer, inputs: typical, command }, platform)
  return { infer, data }
}
