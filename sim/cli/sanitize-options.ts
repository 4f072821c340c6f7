import type { Command } from 'commander'
import { findAccelerator } from '../../accelerators/index.ts'
import type { RunResult } from '../run-result.ts'
import type { Finding } from '../sanitize/finding.ts'
import type { Sanitizer } from '../sanitize/sanitizer.ts'
import { findBlock, type SocDescription } from '../soc/description.ts'

/** Exit code of a run that succeeded but broke a rule of the hardware interface. */
const EXIT_FINDINGS = 123

/** Findings in a JSON report. */
export interface FindingsReport {
  readonly findings: readonly Finding[]
  /** Findings beyond those that are listed. */
  readonly furtherFindings: number
}

export function addSanitizeOption(command: Command): void {
  command.option(
    '--sanitize [=kinds]',
    'find races, reads of what nobody wrote, and misuse of registers, tokens, interrupts and memory; all kinds, or kind,... or no-kind,...',
  )
}

/** A sanitizer that hears a run, when the option is given. */
export interface OpenSanitizer {
  readonly probe: Sanitizer
  /** Ends it, says on stderr what was found, and gives it for the JSON report. */
  finish(result?: RunResult): FindingsReport
}

/** @throws UserError for kinds that do not exist */
export async function openSanitizer(
  kinds: string | undefined,
  soc: SocDescription,
  isa?: string,
): Promise<OpenSanitizer | undefined> {
  if (kinds === undefined) return undefined
  const [{ Sanitizer }, { parseSelection }, { findingText }] = await Promise.all([
    import('../sanitize/sanitizer.ts'),
    import('../sanitize/findings.ts'),
    import('../sanitize/places.ts'),
  ])
  const block = findBlock(soc, 'accelerator')
  const probe = new Sanitizer({
    soc,
    ...(block && { accelerator: await findAccelerator(block.accelerator).description() }),
    ...(isa === undefined ? {} : { isa }),
    ...(kinds === 'all' ? {} : { selection: parseSelection(kinds) }),
  })
  return {
    probe,
    finish(result) {
      const findings = result === undefined ? probe.findings : probe.finish(result)
      if (findings.length === 0) process.stderr.write('sanitizer: nothing found\n')
      for (const finding of findings) process.stderr.write(findingText(finding))
      if (probe.dropped > 0) process.stderr.write(`sanitizer: ${probe.dropped} further findings are not listed\n`)
      return { findings, furtherFindings: probe.dropped }
    },
  }
}

/** The exit code of a run with these findings: a failure of the program itself comes first. */
export function exitCodeWith(report: FindingsReport | undefined, exitCode: number): number {
  return exitCode === 0 && report !== undefined && report.findings.length > 0 ? EXIT_FINDINGS : exitCode
}
