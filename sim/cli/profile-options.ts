/** `--profile` of `sim run`. */
import type { Command } from 'commander'
import type { Machine } from '../machine.ts'
import type { Probe } from '../probe/probe.ts'
import type { InferenceProfile } from '../profile/inference-profile.ts'
import type { InferenceProfiler } from '../profile/inference-profiler.ts'
import type { RunProfile } from '../profile/run-profile.ts'
import { findBlock, type SocDescription } from '../soc/description.ts'

export interface ProfileArguments {
  readonly profile?: string | true
}

/** The profile of the run, and of the network in its firmware when it has one. */
interface Profile extends RunProfile {
  readonly inference?: InferenceProfile
}

/** A profile that is being made. */
export interface OpenProfile {
  readonly probes: readonly Probe[]
  /** The profile; written to the file, when one was named. Without file and unless it goes into JSON, `text` shows it. */
  finish(): Promise<{ readonly profile: Profile; readonly text: string | undefined }>
}

export function addProfileOptions(command: Command): void {
  command.option(
    '--profile [=file]',
    'say where the cycles went: function, source line, cause; as tables on stderr, with --json in the object, or as JSON in a file',
    (file: string) => (file === '-' ? true : file),
  )
}

/** @param machine the machine that gets the probe, once it is built */
export async function openProfile(
  { profile: file }: ProfileArguments,
  soc: SocDescription,
  machine: () => Machine,
): Promise<OpenProfile | undefined> {
  if (file === undefined) return undefined
  const { CycleProfiler } = await import('../profile/cycle-profiler.ts')
  const { InferenceProfiler } = await import('../profile/inference-profiler.ts')
  const { deviceRegisterTables } = await import('./device-register-tables.ts')
  const profiler = new CycleProfiler(machine, await deviceRegisterTables(soc))
  const inference = new InferenceProfiler(findBlock(soc, 'markers')?.name)
  return {
    probes: [profiler, inference],
    async finish() {
      profiler.finish()
      const { runProfile } = await import('../profile/run-profile.ts')
      const network = await networkProfile(inference, machine(), soc)
      const profile: Profile = { ...runProfile(profiler, machine().debugInfo), ...(network && { inference: network }) }
      if (typeof file === 'string') {
        const { writeOutput } = await import('./write-output.ts')
        writeOutput(file, `${JSON.stringify(profile)}\n`)
        return { profile, text: undefined }
      }
      return { profile, text: await textOf(profile) }
    },
  }
}

async function textOf(profile: Profile): Promise<string> {
  const { formatProfile } = await import('./format-profile.ts')
  const { formatInferenceProfile } = await import('./format-inference-profile.ts')
  const network = profile.inference === undefined ? '' : `\n${formatInferenceProfile(profile.inference)}`
  return `${formatProfile(profile)}${network}`
}

/** Of the inference that ended last; undefined for firmware without a network, or when none came to its end. */
async function networkProfile(
  profiler: InferenceProfiler,
  machine: Machine,
  soc: SocDescription,
): Promise<InferenceProfile | undefined> {
  const network = machine.debugInfo?.network
  if (network === undefined || network.times === 0) return undefined
  const { inferenceProfile, LAYER_TIME_BYTES } = await import('../profile/inference-profile.ts')
  const { lastInference } = await import('../profile/last-inference.ts')
  const { peakOf, settledAccelerator } = await import('./settled-accelerator.ts')
  const notes = machine.readMemory(network.times, LAYER_TIME_BYTES * network.layers.length)
  const inference = lastInference(network, notes, profiler.region)
  if (inference === undefined) return undefined
  const hardware = await settledAccelerator(soc)
  return inferenceProfile({
    profiler,
    network,
    ...inference,
    parameters: hardware?.parameters ?? {},
    ranges: hardware?.description.parameters,
    peak: hardware && peakOf(hardware),
  })
}
