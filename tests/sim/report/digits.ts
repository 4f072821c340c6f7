import { readFileSync } from 'node:fs'
import { readNpy } from '../../../compiler/io/npy.ts'
import { findToolchain } from '../../../compiler/toolchain/find-toolchain.ts'
import { chooseAccelerator } from '../../../sim/cli/choose-accelerator.ts'
import { type InferReport, inferModel } from '../../../sim/cli/infer-model.ts'
import { reportInference } from '../../../sim/cli/report-inference.ts'
import type { ReportData } from '../../../sim/report/report-data.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'

const read = (name: string) => readFileSync(new URL(`../../../programs/digits/${name}`, import.meta.url))

/** One inference of the digits network, and its report. */
export async function digitsReport(accelerator?: string): Promise<{ infer: InferReport; data: ReportData }> {
  const { soc, target } = await chooseAccelerator(defaultSoc, accelerator)
  const platform = { soc, toolchain: findToolchain(), ...(target && { target }) }
  const inputs = [{ name: 'inputs.npy', array: readNpy(read('inputs.npy'), 'inputs.npy') }]
  const [bytes, name] = [read('digits.tflite'), 'digits.tflite']
  const { report: infer, typical } = await inferModel(bytes, name, { ...platform, inputs, expected: [], samples: 1 })
  const command = ['sim', 'infer', name]
  const data = await reportInference({ bytes, name, report: infer, inputs: typical, command }, platform)
  return { infer, data }
}
