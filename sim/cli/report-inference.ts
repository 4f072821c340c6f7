/** The report of one inference: the firmware runs once more, and everything is followed. */
import type { TensorData } from '../../compiler/ir/dtype.ts'
import { debugInfo } from '../debug-info/debug-info.ts'
import { buildReportData, layerFinder } from '../report/build-report-data.ts'
import { ReportCollector } from '../report/collect.ts'
import type { ReportData } from '../report/report-data.ts'
import { Sanitizer } from '../sanitize/sanitizer.ts'
import { findBlock } from '../soc/description.ts'
import type { InferReport } from './infer-model.ts'
import { openSession, type SessionOptions } from './open-session.ts'
import {
  fileFacts,
  functionFinder,
  platformFacts,
  rooflineOf,
  runFacts,
  scratchpadSizes,
  subtitleOf,
} from './report-facts.ts'

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
  let collector: ReportCollector | undefined
  let sanitizer: Sanitizer | undefined
  const session = await openSession(bytes, name, {
    ...options,
    probes: (image, { accelerator }) => {
      collector = new ReportCollector({
        placeOf: functionFinder(image),
        memories: accelerator ? scratchpadSizes(accelerator.hardware) : {},
        layerOf: layerFinder(layersRun(debugInfo(image).network?.layers ?? [])),
        markers: findBlock(soc, 'markers')?.name,
      })
      const { description } = accelerator?.hardware ?? {}
      sanitizer = new Sanitizer({ soc, ...(description && { accelerator: description }) })
      return [collector.probe, sanitizer]
    },
  })
  const { layerTimes } = session.run(inputs)
  const { hardware } = session.model.accelerator ?? {}
  const network = debugInfo(session.image).network
  const { samples, match, mismatches, checkedAgainst, memory, instructions } = report
  const against = checkedAgainst === 'expected' ? 'the expected outputs' : 'the reference interpreter'
  return buildReportData({
    title: name,
    subtitle: subtitleOf('One inference', soc, cpu, hardware?.description.name),
    collector: collector!,
    ...collector!.region!,
    units: hardware?.description.units ?? [],
    parameters: hardware?.parameters ?? {},
    network,
    times: layerTimes,
    roofline: hardware && rooflineOf(hardware),
    summary: { instructions, clockHz: soc.clockHz, check: { samples, match, mismatches, against }, memory },
    findings: sanitizer!.findings,
    provenance: [
      runFacts(inference.command, [['toolchain', toolchain.version]]),
      fileFacts('Model', name, bytes),
      ...platformFacts(soc, cpu, hardware),
    ],
  })
}

/** Layers that take time. */
const layersRun = <L extends { readonly target: string }>(layers: readonly L[]) =>
  layers.filter(({ target }) => target !== 'none')
