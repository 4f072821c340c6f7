/** What every command of `sim` has: exit codes in its --help, and an answer to values that are empty. */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { expect, it } from 'vitest'
import { commands } from '../../../sim/cli/commands.ts'
import { refuseEmptyValues } from '../../../sim/cli/refuse-empty-values.ts'

/** Exit codes of each command beside 70 and 125. */
const exitCodes: Readonly<Record<string, readonly string[]>> = {
  run: ['123', '124', '126', "the guest's own"],
  build: ['0'],
  infer: ['0', '1', '123', '124', '126'],
  report: ['0'],
  soc: ['0'],
  trace: ['0', '1'],
  'trace convert': ['0'],
  'trace show': ['0'],
  'trace stat': ['0'],
  'trace diff': ['0', '1'],
}

const all: { readonly name: string; readonly command: Command }[] = []
for (const row of commands) {
  const command = new Command(row.name)
  ;(await row.load()).register(command)
  all.push({ name: row.name, command })
  for (const one of command.commands) all.push({ name: `${row.name} ${one.name()}`, command: one })
}

it('every command is here', () => {
  expect(all.map(({ name }) => name).sort()).toEqual(Object.keys(exitCodes).sort())
})

it.each(all)('the help of $name lists its exit codes, and an internal error and a refusal', ({ name, command }) => {
  const rows = /\nExit codes:\n([\s\S]*)$/.exec(helpOf(command))![1]!.trimEnd().split('\n')
  const listed = rows.map((row) => /^ {2}(\S.*?) {3}/.exec(row)![1])
  expect(listed.sort()).toEqual([...exitCodes[name]!, '70', '125'].sort())
})

it.each(all)('docs/scripting.md has the exit codes of $name', ({ name }) => {
  const page = readFileSync(new URL('../../../docs/scripting.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| (\w+) \| ([^|]+) \|/gm)]
  const documented = rows.filter(([, , who]) => who === 'all' || who!.includes(`\`${name}`)).map(([, code]) => code)
  const codes = [...exitCodes[name]!.filter((code) => /\d/.test(code)), '70', '125']
  expect(documented).toEqual(expect.arrayContaining(codes))
})

it.each(all)('$name refuses options that are given as nothing, in one sentence', ({ command }) => {
  refuseEmptyValues(command)
  const options = command.options.filter(({ required, optional }) => required || optional)
  for (const { flags, long } of options) {
    if (long === '--args') continue
    const sentence = `error: option '${flags}' is given as nothing; give it a value, or leave it out\n`
    expect(errorOf(command, `${long}=`)).toBe(sentence)
  }
})

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (piece) => (text += piece) }).outputHelp()
  return text
}

function errorOf(command: Command, ...args: readonly string[]): string {
  let text = ''
  command.configureOutput({ writeErr: (piece) => (text += piece) }).exitOverride()
  expect(() => command.showHelpAfterError(false).parse(args, { from: 'user' })).toThrow()
  return text
}
