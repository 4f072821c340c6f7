/** The command line: picks the command, loads its file, and turns every failure into one sentence and an exit code. */
import { Command, CommanderError } from 'commander'
import { EXIT_REFUSED } from '../run-result.ts'
import { commands } from './commands.ts'
import { reportFailure } from './report-failure.ts'
import { tolerateClosedPipe } from './tolerate-closed-pipe.ts'
import { version } from './version.ts'

/** An option with an optional value would swallow the argument after it: alone, each stands for this. */
const alone: Readonly<Record<string, string>> = {
  '--trace': '--trace=-',
  '--gdb': '--gdb=0',
  '--sanitize': '--sanitize=all',
}

/** Runs `sim` with these arguments and sets the process's exit code. */
export async function sim(args: readonly string[]): Promise<void> {
  tolerateClosedPipe()
  try {
    await runCommand(args.map((arg) => alone[arg] ?? arg))
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_REFUSED
    else process.exitCode = reportFailure(error)
  }
}

async function runCommand(args: readonly string[]): Promise<void> {
  const program = new Command('sim')
    .description('Virtual platform and compiler for RISC-V controllers with CNN accelerators.')
    .version(version())
    .exitOverride()
    .showHelpAfterError('(sim --help lists the commands)')
  for (const row of commands) {
    const command = program.command(row.name).summary(row.summary).description(row.summary)
    command.exitOverride().showHelpAfterError(`(sim ${row.name} --help shows the options)`)
    if (args[0] === row.name || (args[0] === 'help' && args[1] === row.name)) (await row.load()).register(command)
  }
  await program.parseAsync(args, { from: 'user' })
}
