/** The command line: picks the command, loads its file, and turns every failure into one sentence and an exit code. */
import { Command, CommanderError } from 'commander'
import { EXIT_REFUSED } from '../run-result.ts'
import { commands } from './commands.ts'
import { refuseEmptyValues } from './refuse-empty-values.ts'
import { reportFailure, writeError } from './report-failure.ts'
import { tolerateClosedPipe } from './tolerate-closed-pipe.ts'
import { version } from './version.ts'

/** An option with an optional value would swallow the argument after it: alone, each stands for this. */
const alone: Readonly<Record<string, string>> = {
  '--trace': '--trace=-',
  '--gdb': '--gdb=0',
  '--sanitize': '--sanitize=all',
}
/** The same, where another command has an option of that name without a value. */
const aloneOf: Readonly<Record<string, Readonly<Record<string, string>>>> = { run: { '--profile': '--profile=-' } }

/** Runs `sim` with these arguments and sets the process's exit code. */
export async function sim(args: readonly string[]): Promise<void> {
  tolerateClosedPipe()
  const program = new Command('sim')
  try {
    await runCommand(
      program,
      args.map((arg) => aloneOf[args[0] ?? '']?.[arg] ?? alone[arg] ?? arg),
    )
  } catch (error) {
    const command = chosen(program, args)
    process.exitCode =
      error instanceof CommanderError
        ? endParsing(error, command, args)
        : reportFailure(error, command.opts().json === true)
  }
}

async function runCommand(program: Command, args: readonly string[]): Promise<void> {
  program
    .description('Virtual platform and compiler for RISC-V controllers with CNN accelerators.')
    .version(version())
    .exitOverride()
    .showHelpAfterError('(sim --help lists the commands)')
  for (const row of commands) {
    const command = program.command(row.name).summary(row.summary).description(row.summary)
    command.exitOverride().showHelpAfterError(`(sim ${row.name} --help shows the options)`)
    if (args[0] === row.name || (args[0] === 'help' && args[1] === row.name)) {
      ;(await row.load()).register(command)
      refuseEmptyValues(command)
    }
  }
  await program.parseAsync(args, { from: 'user' })
}

/** The command that these arguments choose. */
function chosen(command: Command, [name, ...rest]: readonly string[]): Command {
  const found = command.commands.find((one) => one.name() === name)
  return found === undefined ? command : chosen(found, rest)
}

/** Help was shown, or the command line refused; that is said already, in a sentence. */
function endParsing(error: CommanderError, command: Command, args: readonly string[]): number {
  if (error.exitCode === 0) return 0
  // What stands behind the mistake was not parsed.
  if (args.includes('--json') && command.options.some(({ long }) => long === '--json')) {
    const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ')
    writeError({ code: 'command-line', message, hint: `${nameOf(command)} --help shows the options` })
  }
  return EXIT_REFUSED
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`
}
