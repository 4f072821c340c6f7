/** Exit codes of a command by what it means that they are given. */
export type ExitCodes = Readonly<Record<string, string>>

/** Those that every command has. */
const common: ExitCodes = {
  70: 'an internal error: a fault of the simulator, please report it',
  125: 'something was refused: an option, an input, or a file that cannot be written',
}

/** The part of a command's --help on its exit codes. */
export function exitCodesHelp(own: ExitCodes): string {
  // Numbers come first and ascend, as they do in every object.
  const rows = Object.entries({ ...own, ...common })
  const width = Math.max(...rows.map(([code]) => code.length))
  return `\nExit codes:\n${rows.map(([code, meaning]) => `  ${code.padEnd(width)}   ${meaning}\n`).join('')}`
}
