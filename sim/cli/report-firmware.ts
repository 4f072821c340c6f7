/** `sim report firmware.elf`: runs firmware to its end, or up to a limit, and follows everything. */
import { basename } from 'node:path'
import { loadElf } from '../elf/load.ts'
import { Machine } from '../machine.ts'
import type { Window } from '../profile/cycle-profiler.ts'
import { LAYER_TIME_BYTES } from '../profile/inference-profile.ts'
import { lastInference } from '../profile/last-inference.ts'
import { buildReportData } from '../report/build-report-data.ts'
import { ReportCollector } from '../report/collect.ts'
import type { ReportData } from '../report/report-data.ts'
import { Sanitizer } from '../sanitize/sanitizer.ts'
import { findBlock } from '../soc/description.ts'
import { acceleratorFactories } from './accelerator-factories.ts'
import { deviceRegisterTables } from './device-register-tables.ts'
import { loadSoc } from './load-soc.ts'
import { readInput } from './read-input.ts'
import { fileFacts, hardwareFacts, platformFacts, runFacts, subtitleOf } from './report-facts.ts'
import { settledAccelerator } from './settled-accelerator.ts'

export interface FirmwareOptions {
  readonly soc: string
  readonly isa?: string
  readonly cpu?: string
  readonly maxCycles?: number
}

export async function reportFirmware(file: string, options: FirmwareOptions): Promise<ReportData> {
  const bytes = readInput(file)
  const { follow, soc, accelerator, cpu } = await prepare(bytes, file, options)
  let run = follow()
  const inference = inferenceOf(run)
  const { region } = run.collector.inference
  // A network whose firmware marks no region is followed once more, now that it is known when it ran.
  if (inference !== undefined && inference.from !== region?.from) run = follow(inference)
  const { machine, collector, result, sanitizer } = run
  return buildReportData({
    title: basename(file),
    subtitle: subtitleOf(inference === undefined ? 'Firmware' : 'One inference', soc, cpu, accelerator),
    collector,
    ...(inference ?? collector.inference.regionUntil(result.cycles) ?? { from: 0, until: result.cycles }),
    hardware: accelerator && hardwareFacts(accelerator),
    network: inference && machine.debugInfo?.network,
    times: inference?.times ?? [],
    source: machine.debugInfo,
    summary: { clockHz: soc.clockHz, end: result.explanation ?? `It ended with exit code ${result.exitCode}.` },
    findings: sanitizer.finish(result),
    provenance: [
      runFacts(['sim', ...process.argv.slice(2)]),
      fileFacts('Firmware', basename(file), bytes),
      ...platformFacts(soc, cpu, accelerator),
    ],
  })
}

async function prepare(bytes: Uint8Array, file: string, { soc: name, cpu, isa, maxCycles }: FirmwareOptions) {
  const soc = loadSoc(name)
  const image = await loadElf(bytes, file)
  const accelerator = await settledAccelerator(soc)
  const accelerators = await acceleratorFactories(soc)
  const registers = await deviceRegisterTables(soc)
  const hart = { ...(cpu !== undefined && { cpu }), ...(isa !== undefined && { isa }) }
  const follow = (window?: Window) => {
    const markers = findBlock(soc, 'markers')?.name
    const collector = new ReportCollector({ machine: () => machine, registers, markers, window })
    const sanitizer = new Sanitizer({
      soc,
      ...(isa !== undefined && { isa }),
      ...(accelerator && { accelerator: accelerator.description }),
    })
    const diagnostic = (message: string) => {
      if (window === undefined) process.stderr.write(`sim: ${message}\n`)
    }
    const probes = [...collector.probes, sanitizer]
    const machine: Machine = new Machine(soc, { ...hart, accelerators, diagnostic, probes })
    machine.load(image)
    const result = machine.run(maxCycles === undefined ? {} : { maxCycles })
    collector.cycles.finish()
    return { machine, collector, sanitizer, result }
  }
  return { follow, soc, accelerator, cpu }
}

function inferenceOf({
  machine,
  collector,
}: {
  readonly machine: Machine
  readonly collector: ReportCollector
}): ReturnType<typeof lastInference> {
  const network = machine.debugInfo?.network
  if (network === undefined || network.times === 0) return undefined
  const notes = machine.readMemory(network.times, LAYER_TIME_BYTES * network.layers.length)
  return lastInference(network, notes, collector.inference.region)
}
