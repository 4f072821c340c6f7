/** The report of one inference: the firmware runs once more, and everything is followed. */
import type { TensorData } from '../../compiler/ir/dtype.ts'
import { debugInfo } from '../debug-info/debug-info.ts'
import { buildReportData } from '../report/build-report-data.ts'
import { ReportCollector } from '../report/collect.ts'
import type { ReportData } from '../report/report-data.ts'
import { Sanitizer } from '../sanitize/sanitizer.ts'
import { findBlock } from '../soc/description.ts'
import { deviceRegisterTables } from './device-register-tables.ts'
import type { InferReport } from './infer-model.ts'
import { openSession, type SessionOptions } from './open-session.ts'
import { fileFacts, hardwareFacts, platformFacts, runFacts, subtitleOf } from './report-facts.ts'

export interface InferenceToReport {
  readonly bytes: Uint8Array
  readonly name: string
  /** What was found when all samples ran. */
  readonly report: InferReport
  /** Inputs of the sample to show. */
  readonly inputs: readonly TensorData[]
  readonly command: readonly string[]
}

export async function reportInference(inference: InferenceToReport, options: SessionOptions): Promise<ReportData> {
  const { bytes, name, report, inputs } = inference
  const { soc, cpu, toolchain } = options
  const registers = await deviceRegisterTables(soc)
  let collector: ReportCollector | undefined
  let sanitizer: Sanitizer | undefined
  const session = await openSession(bytes, name, {
    ...options,
    probes: (_image, { accelerator }, machine) => {
      collector = new ReportCollector({ machine, registers, markers: findBlock(soc, 'markers')?.name })
      const { description } = accelerator?.hardware ?? {}
      sanitizer = new Sanitizer({ soc, ...(description && { accelerator: description }) })
      return [...collector.probes, sanitizer]
    },
  })
  const { layerTimes } = session.run(inputs)
  const { hardware } = session.model.accelerator ?? {}
  const source = debugInfo(session.image)
  const { samples, match, mismatches, checkedAgainst, memory } = report
  const against = checkedAgainst === 'expected' ? 'the expected outputs' : 'the reference interpreter'
  return buildReportData({
    title: name,
    subtitle: subtitleOf('One inference', soc, cpu, hardware),
    collector: collector!,
    ...collector!.inference.region!,
    hardware: hardware && hardwareFacts(hardware),
    network: source.network,
    times: layerTimes,
    source,
    summary: { clockHz: soc.clockHz, check: { samples, match, mismatches, against }, memory },
    findings: sanitizer!.findings,
    provenance: [
      runFacts(inference.command, [['toolchain', toolchain.version]]),
      fileFacts('Model', name, bytes),
      ...platformFacts(soc, cpu, hardware),
    ],
  })
}
