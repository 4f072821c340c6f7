import { UserError } from '../../sim/diagnostic.ts'
import type { CommandResult } from './run-command.ts'
import type { Toolchain } from './toolchain.ts'

/** The compiler's own first complaint. */
export function compileError(toolchain: Toolchain, source: string, result: CommandResult): UserError {
  const hint = `correct the source (${toolchain.version})`
  return new UserError('compile-failed', `does not compile: ${firstError(result)}`, hint, { file: source })
}

export function linkError(toolchain: Toolchain, result: CommandResult): UserError {
  const first = firstError(result)
  if (/will not fit in region|overflowed by|out of range of region|unable to place section/.test(result.output))
    return new UserError(
      'firmware-too-large',
      'the firmware does not fit into RAM',
      'use a smaller model or a SoC with more RAM',
    )
  return new UserError(
    'link-failed',
    `the firmware does not link: ${first}`,
    `check its sources (${toolchain.version})`,
  )
}

/** What the first line that complains says, without the place in front of it. */
function firstError({ code, output }: CommandResult): string {
  if (code === null) return 'the compiler was killed'
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !/warning:|ld returned|^collect2/.test(line))
  const line = lines.find((text) => /\berror:|undefined (reference|symbol)/.test(text)) ?? lines[0]
  return line?.replace(/^.*?(\berror:|\/ld:)\s*/, '').trim() ?? `exit code ${code}`
}
