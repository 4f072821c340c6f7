/** `--json` of every command that has it, when something is refused: an object on stdout, the sentence on stderr. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { afterAll, describe, expect, it } from 'vitest'
import { commands } from '../../../sim/cli/commands.ts'
import { simIn } from './command-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'sim-json-'))
afterAll(() => rmSync(folder, { recursive: true }))
const sim = simIn(folder)

const model = fileURLToPath(new URL('../../../programs/digits/digits.tflite', import.meta.url))
const missing = { code: 'file-unreadable', message: 'there is no such file', hint: 'check the path' }

const refused: Readonly<Record<string, { readonly args: readonly string[]; readonly error: object }>> = {
  run: { args: ['x.elf'], error: { ...missing, file: 'x.elf' } },
  build: {
    args: [model],
    error: {
      code: 'output-missing',
      message: 'it is not said where the files go',
      hint: 'add -o FOLDER or --emit STAGE',
    },
  },
  infer: { args: ['x.tflite', '--input', 'x.npy'], error: { ...missing, file: 'x.tflite' } },
  report: { args: ['x.simtrace'], error: { ...missing, file: 'x.simtrace' } },
  soc: {
    args: ['--soc', 'x'],
    error: {
      code: 'soc-unknown',
      message: "there is no SoC 'x'",
      hint: 'choose default, or give a .json file',
    },
  },
  'trace stat': { args: ['x.simtrace'], error: { ...missing, file: 'x.simtrace' } },
  'trace diff': { args: ['x.simtrace', 'y.simtrace'], error: { ...missing, file: 'x.simtrace' } },
}

describe.concurrent('--json', () => {
  it('is tried with every command that has it', async () => {
    const names: string[] = []
    for (const row of commands) {
      const command = new Command(row.name)
      ;(await row.load()).register(command)
      const all = [
        [row.name, command],
        ...command.commands.map((one) => [`${row.name} ${one.name()}`, one] as const),
      ] as const
      names.push(...all.filter(([, one]) => one.options.some(({ long }) => long === '--json')).map(([name]) => name))
    }
    expect(names.sort()).toEqual(Object.keys(refused).sort())
  })

  it.each(Object.entries(refused))('%s', async (name, { args, error }) => {
    const { code, out, err } = await sim(...name.split(' '), ...args, '--json')
    expect(code).toBe(125)
    expect(JSON.parse(out)).toEqual({ error })
    expect(err).toMatch(/^sim: [^\n]+\n$/)
  })

  it('says what is wrong with a command line, too, wherever it stands there', async () => {
    const error = (message: string) => ({ code: 'command-line', message, hint: 'sim run --help shows the options' })
    const unknown = await sim('run', 'x.elf', '--json', '--fast')
    expect(JSON.parse(unknown.out)).toEqual({ error: error("unknown option '--fast'") })
    const count = await sim('run', '--max-cycles', 'many', '--json')
    expect(JSON.parse(count.out).error.message).toContain('It must be a whole number above 0.')
    expect([unknown.code, count.code]).toEqual([125, 125])
  })

  it('is no option where it is the value of one, or of another command', async () => {
    expect(await sim('run', 'x.elf', '--args', '--json')).toMatchObject({ code: 125, out: '' })
    expect(await sim('trace', 'show', 'x.simtrace', '--json')).toMatchObject({ code: 125, out: '' })
  })

  it('of sim build gives the stage that --emit asks for', async () => {
    const shown = await sim('build', model, '--emit', 'partition')
    const { code, out } = await sim('build', model, '--emit', 'partition', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({
      files: [],
      memory: { arenaBytes: 784, arenaLowerBoundBytes: 784, readOnlyBytes: expect.any(Number) },
      stage: 'partition',
      text: shown.out,
    })
  })
})
