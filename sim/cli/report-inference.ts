/** The report of one inference: the firmware runs once more, up to where it stops, and everything is followed. */
import type { TensorData } from '../../compiler/ir/dtype.ts'
import { debugInfo } from '../debug-info/debug-info.ts'
import type { NetworkMap } from '../debug-info/network-map.ts'
import type { Machine } from '../machine.ts'
import { LAYER_TIME_BYTES, layerIntervals } from '../profile/inference-profile.ts'
import { buildReportData } from '../report/build-report-data.ts'
import { ReportCollector } from '../report/collect.ts'
import type { ReportData } from '../report/report-data.ts'
import { Sanitizer } from '../sanitize/sanitizer.ts'
import { findBlock } from '../soc/description.ts'
import { deviceRegisterTables } from './device-register-tables.ts'
import type { InferReport } from './infer-model.ts'
import { InferenceFailure, orFailure } from './inference-failure.ts'
import { openSession, type SessionOptions } from './open-session.ts'
import { fileFacts, hardwareFacts, platformFacts, runFacts, subtitleOf } from './report-facts.ts'

export interface InferenceToReport {
  readonly bytes: Uint8Array
  readonly name: string
  /** What was found when all samples ran; absent when the firmware has failed. */
  readonly report?: InferReport
  /** Inputs of the sample to show. */
  readonly inputs: readonly TensorData[]
  readonly command: readonly string[]
}

export async function reportInference(inference: InferenceToReport, options: SessionOptions): Promise<ReportData> {
  const { bytes, name, inputs } = inference
  const { soc, cpu, toolchain } = options
  const registers = await deviceRegisterTables(soc)
  let collector: ReportCollector | undefined
  let sanitizer: Sanitizer | undefined
  let machine: (() => Machine) | undefined
  const session = await openSession(bytes, name, {
    ...options,
    probes: (_image, { accelerator }, made) => {
      machine = made
      collector = new ReportCollector({ machine, registers, markers: findBlock(soc, 'markers')?.name })
      const { description } = accelerator?.hardware ?? {}
      sanitizer = new Sanitizer({ soc, ...(description && { accelerator: description }) })
      return [...collector.probes, sanitizer]
    },
  })
  const outcome = orFailure(() => session.run(inputs))
  const { hardware } = session.model.accelerator ?? {}
  const source = debugInfo(session.image)
  const network = source.network!
  const part =
    outcome instanceof InferenceFailure
      ? partial(outcome, collector!, network, machine!())
      : { ...collector!.inference.region!, times: outcome.layerTimes }
  return buildReportData({
    title: name,
    subtitle: subtitleOf('One inference', soc, cpu, hardware),
    collector: collector!,
    ...part,
    hardware: hardware && hardwareFacts(hardware),
    network,
    source,
    summary: { clockHz: soc.clockHz, ...summaryOf(outcome, inference.report) },
    findings: outcome instanceof InferenceFailure ? sanitizer!.finish(outcome.run.result) : sanitizer!.findings,
    provenance: [
      runFacts(inference.command, [['toolchain', toolchain.version]]),
      fileFacts('Model', name, bytes),
      ...platformFacts(soc, cpu, hardware),
    ],
  })
}

/** What a run that did not come to its end has of an inference: the layers that have ended. */
function partial(
  { run: { result } }: InferenceFailure,
  collector: ReportCollector,
  network: NetworkMap,
  machine: Machine,
) {
  collector.cycles.finish()
  const notes = machine.readMemory(network.times, LAYER_TIME_BYTES * network.layers.length)
  const window = collector.inference.regionUntil(result.cycles) ?? { from: 0, until: result.cycles }
  return { ...window, times: layerIntervals(network, notes) }
}

function summaryOf(outcome: unknown, report: InferReport | undefined) {
  if (outcome instanceof InferenceFailure) return { end: outcome.message }
  if (report === undefined) return {}
  const { samples, match, mismatches, checkedAgainst, memory } = report
  const against = checkedAgainst === 'expected' ? 'the expected outputs' : 'the reference interpreter'
  return { check: { samples, match, mismatches, against }, memory }
}
