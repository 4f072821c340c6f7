import type { Region } from '../accel/description.ts'
import type { IssuedCommand } from '../accel/listener.ts'

/** A command from its queue to its end; instants are cycles since reset. */
export interface TimedCommand {
  readonly command: IssuedCommand
  readonly queued: number
  readonly started: number
  readonly finished: number
}

/** Kind of a command by what it does with RAM. */
export function kindOf({ command }: Pick<TimedCommand, 'command'>): 'compute' | 'dmaIn' | 'dmaOut' {
  const ram = command.regions.find(({ memory }) => memory === 'ram')
  if (ram === undefined) return 'compute'
  return ram.access === 'read' ? 'dmaIn' : 'dmaOut'
}

/** Bytes that commands move between RAM and the accelerator. */
export function bytesOf(commands: readonly Pick<TimedCommand, 'command'>[], access?: Region['access']): number {
  const regions = commands.flatMap(({ command }) => command.regions)
  const inRam = regions.filter((one) => one.memory === 'ram' && (access === undefined || one.access === access))
  return inRam.reduce((sum, { bytes, repeat = [] }) => sum + repeat.reduce((all, { count }) => all * count, bytes), 0)
}
