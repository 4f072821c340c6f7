import type { Argument, Command, Option } from 'commander'

/**
 * Lets a command and its subcommands refuse options and arguments that are given as nothing (`--trace=`), as by scripts
 * whose variable is not set. A `<text>` may be any text.
 */
export function refuseEmptyValues(command: Command): void {
  for (const option of command.options) {
    const { flags, required, optional } = option
    if ((required || optional) && !flags.includes('<text>')) refuseEmpty(option, `option '${flags}'`, command)
  }
  for (const argument of command.registeredArguments) refuseEmpty(argument, `argument '${argument.name()}'`, command)
  for (const subcommand of command.commands) refuseEmptyValues(subcommand)
}

function refuseEmpty(one: Option | Argument, name: string, command: Command): void {
  const { parseArg } = one
  one.argParser((value: string, before: unknown) => {
    if (value === '') command.error(`error: ${name} is given as nothing; give it a value, or leave it out`)
    return parseArg === undefined ? value : parseArg(value, before)
  })
}
