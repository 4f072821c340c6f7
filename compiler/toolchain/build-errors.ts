import { basename } from 'node:path'
import { UserError } from '../../sim/diagnostic.ts'
import type { CommandResult } from './run-command.ts'
import type { Toolchain } from './toolchain.ts'

/** The compiler's own first complaint, with its line when it is about the source itself and not a header. */
export function compileError(toolchain: Toolchain, source: string, result: CommandResult): UserError {
  const line = /([^/\\\s:]+):(\d+):(?:\d+:)? (?:fatal )?error:/i.exec(result.output)
  const at = line?.[1] === basename(source) ? { at: `line ${line[2]}` } : {}
  const hint = `correct the source (${toolchain.version})`
  return new UserError('compile-failed', `does not compile: ${firstError(result)}`, hint, { file: source, ...at })
}

export function linkError(toolchain: Toolchain, result: CommandResult): UserError {
  if (/will not fit in region|overflowed by|leave no room/.test(result.output)) {
    const excess = /overflowed by (\d+ bytes)/.exec(result.output)?.[1]
    const message = `the firmware is larger than RAM${excess === undefined ? '' : ` by ${excess}`}`
    return new UserError('firmware-too-large', message, 'use a smaller model or a SoC with more RAM')
  }
  const message = `the firmware does not link: ${firstError(result)}`
  return new UserError('link-failed', message, `check its sources (${toolchain.version})`)
}

/** What the first line that complains says, without the place in front of it. */
function firstError({ code, output }: CommandResult): string {
  if (code === null) return 'the compiler was killed'
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !/warning:|ld returned|^collect2/.test(line))
  const line = lines.find((text) => /\berror:|undefined (reference|symbol)/.test(text)) ?? lines[0]
  return line?.replace(/^.*?(\berror:|\/ld:)\s*/, '').trim() ?? `exit code ${code}`
}
