/** `--profile` of `sim run`. */
import type { Command } from 'commander'
import type { Machine } from '../machine.ts'
import type { Probe } from '../probe/probe.ts'
import type { RunProfile } from '../profile/run-profile.ts'
import type { SocDescription } from '../soc/description.ts'

export interface ProfileArguments {
  readonly profile?: string | true
}

/** A profile that is being made. */
export interface OpenProfile {
  readonly probe: Probe
  /** The profile; written to the file, when one was named. Without file and unless it goes into JSON, `text` shows it. */
  finish(): Promise<{ readonly profile: RunProfile; readonly text: string | undefined }>
}

export function addProfileOptions(command: Command): void {
  command.option(
    '--profile [=file]',
    'say where the cycles went: function, source line, cause; as tables on stderr, with --json in the object, or as JSON in a file',
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
  const { deviceRegisterTables } = await import('./device-register-tables.ts')
  const profiler = new CycleProfiler(machine, await deviceRegisterTables(soc))
  return {
    probe: profiler,
    async finish() {
      profiler.finish()
      const { runProfile } = await import('../profile/run-profile.ts')
      const profile = runProfile(profiler, machine().debugInfo)
      if (typeof file !== 'string') {
        const { formatProfile } = await import('./format-profile.ts')
        return { profile, text: formatProfile(profile) }
      }
      const { writeOutput } = await import('./write-output.ts')
      writeOutput(file, `${JSON.stringify(profile)}\n`)
      return { profile, text: undefined }
    },
  }
}
