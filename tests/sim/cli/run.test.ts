import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { makeElf } from '../elf/make-elf.ts'
import { asm, bytes, exit, li, START } from '../guest.ts'
import { simIn } from './command-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'sim-run-'))
afterAll(() => rmSync(folder, { recursive: true }))

const main = fileURLToPath(new URL('../../../sim/cli/main.ts', import.meta.url))

const sim = simIn(folder)

function firmware(name: string, program: readonly number[]): string {
  const symbols = [{ name: 'main', address: START, size: program.length * 4 }]
  writeFileSync(
    join(folder, name),
    makeElf({ entry: START, segments: [{ address: START, bytes: bytes(program) }], symbols }),
  )
  return name
}

const print = (text: string) => [
  ...li(5, 0x1000_0000),
  ...[...new TextEncoder().encode(text)].flatMap((byte) => [
    asm('addi', { rd: 6, imm: byte }),
    asm('sb', { rs1: 5, rs2: 6 }),
  ]),
]
const end = (code: number) => [...li(30, 0x10_0000), ...li(31, (code << 16) | 0x3333), asm('sw', { rs1: 30, rs2: 31 })]

describe.concurrent('sim run', () => {
  const hello = firmware('hello.elf', [...print('Grüß Gott\n'), ...exit])

  it('gives console to stdout, the summary to stderr', async () => {
    const { code, out, err } = await sim('run', hello)
    expect({ code, out }).toEqual({ code: 0, out: 'Grüß Gott\n' })
    expect(err).toMatch(/^sim: exit code 0; 31 instructions, 31 cycles \([\d.]+ MIPS\)\n$/)
  })

  it('gives one JSON object with the agreed fields', async () => {
    const { code, out, err } = await sim('run', '--json', hello)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(JSON.parse(out)).toEqual({
      reason: 'exit',
      exitCode: 0,
      instructions: 31,
      cycles: 31,
      console: 'Grüß Gott\n',
      regions: [],
      checks: [],
      host: { seconds: expect.any(Number), mips: expect.any(Number) },
    })
  })

  it('takes what comes behind --profile as the firmware, not as a file for it', async () => {
    const [alone, dash] = await Promise.all([sim('run', '--profile', hello), sim('run', hello, '--profile=-')])
    expect(alone.code).toBe(0)
    expect(alone.err).toMatch(/\nProfile: 31 cycles, 31 instructions\n/)
    expect(dash.err).toMatch(/\nProfile: 31 cycles/)
  })

  it.each([
    [
      ['--trace=one.out', '--profile=one.out'],
      'one.out: --trace and --profile would both write it; give each a file of its own',
    ],
    [
      ['--snapshot-at', '1=s', '--snapshot-at', '2=./s'],
      './s: --snapshot-at and --snapshot-at would both write it; give each a file of its own',
    ],
    [['--profile=hello.elf'], 'hello.elf: it is an input, and the output would replace it; choose another name'],
  ])('refuses %j before anything runs', async (options, sentence) => {
    expect(await sim('run', hello, ...options)).toEqual({ code: 125, out: '', err: `sim: ${sentence}\n` })
    expect(existsSync(join(folder, 'one.out'))).toBe(false)
  })

  it('lets several outputs go to one device', async () => {
    const { code } = await sim('run', hello, '--trace=/dev/null', '--profile=/dev/null')
    expect(code).toBe(0)
  })

  it("exits with the guest's code", async () => {
    const file = firmware('seven.elf', end(7))
    expect((await sim('run', file)).code).toBe(7)
    expect(await sim('run', file, '--json')).toMatchObject({ code: 7, out: expect.stringContaining('"exitCode":7') })
  })

  it('exits with a failure even when 8 bits of its code are zero', async () => {
    expect((await sim('run', firmware('big.elf', end(0x100)))).code).toBe(1)
  })

  it('stops at limits with 124', async () => {
    const endless = firmware('endless.elf', [asm('addi', { rd: 1, rs1: 1, imm: 1 }), asm('jal', { imm: -4 })])
    expect(await sim('run', endless, '--max-instructions', '1000')).toMatchObject({
      code: 124,
      err: expect.stringContaining('sim: limit: reached 1000 instructions; 1000 instructions'),
    })
    const { out, code } = await sim('run', endless, '--max-cycles', '5e3', '--cpu', 'ideal', '--json')
    expect({ code, ...JSON.parse(out) }).toMatchObject({ code: 124, reason: 'limit', cycles: 5000 })
  })

  it('ends unhandled traps and deadlocks with 126 and says why', async () => {
    const fault = await sim('run', firmware('fault.elf', [asm('addi'), asm('lw', { rd: 1, rs1: 0, imm: 64 })]))
    expect(fault.code).toBe(126)
    expect(fault.err).toContain(
      'load access fault (0x00000040, where nothing is mapped) at pc 0x80000004 in main+0x4; mtvec was never set',
    )
    const stuck = await sim('run', firmware('stuck.elf', [asm('wfi')]), '--json')
    expect({ code: stuck.code, ...JSON.parse(stuck.out) }).toMatchObject({
      code: 126,
      reason: 'deadlock',
      exitCode: 126,
    })
  })

  it.each([
    ['a name that steers terminals', ['no\u001b[31m'], 'sim: no\\u001b[31m: there is no such file; check the path\n'],
    ['no file', ['missing.elf'], 'sim: missing.elf: there is no such file; check the path\n'],
    ['a folder', ['.'], 'sim: .: it is a directory; check the path\n'],
    [
      'an unknown SoC',
      [hello, '--soc', 'nosuch'],
      "sim: there is no SoC 'nosuch'; choose default, or give a .json file\n",
    ],
    ['an unknown timing model', [hello, '--cpu', 'z80'], "there is no timing model 'z80'; choose one of "],
    [
      'an unknown ISA',
      [hello, '--isa', 'rv64i'],
      "sim: 'rv64i' is not an RV32 instruction set; write it like rv32imc_zicsr\n",
    ],
    ['an unknown option', [hello, '--fast'], "unknown option '--fast'"],
    ['a limit that is no number', [hello, '--max-cycles', 'many'], 'It must be a whole number above 0.'],
    ['a trace that cannot be written', [hello, '--trace=/nosuch/x'], 'the trace cannot be written (ENOENT)'],
  ])('refuses %s with 125 and one sentence', async (_, args, message) => {
    const { code, out, err } = await sim('run', ...args)
    expect({ code, out }).toEqual({ code: 125, out: '' })
    expect(err).toContain(message)
    expect(err).not.toContain('    at ')
  })

  it('refuses what is no firmware', async () => {
    writeFileSync(join(folder, 'text.elf'), 'hello')
    expect(await sim('run', 'text.elf')).toMatchObject({
      code: 125,
      err: expect.stringContaining('this is not an ELF file'),
    })
  })

  it('writes a commit log to stderr or a file', async () => {
    const toFile = await sim('run', hello, '--trace=log.txt')
    const lines = readFileSync(join(folder, 'log.txt'), 'utf8')
    expect(lines.split('\n')).toHaveLength(32)
    expect(toFile.out).toBe('Grüß Gott\n')
    expect((await sim('run', '--trace', hello)).err).toContain(lines)
  })

  it('ends quietly when nobody reads the commit log any more', async () => {
    const long = firmware('long.elf', [asm('addi', { rd: 1, rs1: 1, imm: 1 }), asm('jal', { imm: -4 })])
    const command = `${process.execPath} --import ${import.meta.resolve('tsx')} ${main} run ${long} --trace --max-instructions 100000 2>&1 | head -1`
    const shell = spawn('bash', ['-o', 'pipefail', '-c', command], { cwd: folder })
    let out = ''
    shell.stdout.on('data', (data) => (out += data))
    expect(await new Promise((resolve) => shell.on('close', resolve))).toBe(0)
    expect(out).toBe('core   0: 3 0x80000000 (0x00108093) x1  0x00000001\n')
  })

  it('writes the signature of an architecture test, as other simulators do', async () => {
    const symbols = [
      { name: 'begin_signature', address: START + 0x100, type: 0 },
      { name: 'end_signature', address: START + 0x10c, type: 0 },
    ]
    const store = [...li(5, START + 0x100), ...li(6, 0xabc), asm('sw', { rs1: 5, rs2: 6, imm: 4 }), ...end(3)]
    const memory = { address: START + 0x100, bytes: Uint8Array.of(0xef, 0xbe, 0xad, 0xde), memorySize: 12 }
    const segments = [{ address: START, bytes: bytes(store) }, memory]
    writeFileSync(join(folder, 'signed.elf'), makeElf({ entry: START, segments, symbols }))
    const { code } = await sim('run', 'signed.elf', '--signature', 'out/signature.txt')
    expect(code).toBe(3)
    expect(readFileSync(join(folder, 'out/signature.txt'), 'utf8')).toBe('deadbeef\n00000abc\n00000000\n')
    expect(await sim('run', hello, '--signature', 'none.txt')).toMatchObject({
      code: 125,
      out: '',
      err: expect.stringContaining('it has no symbols begin_signature and end_signature'),
    })
  })

  it('counts one as one', async () => {
    const spin = firmware('spin.elf', [asm('jal', { imm: 0 })])
    expect((await sim('run', spin, '--max-instructions', '1', '--cpu', 'ideal')).err).toMatch(
      /; 1 instruction, 1 cycle /,
    )
  })

  it('names the option for misaligned accesses', async () => {
    const file = firmware('misaligned.elf', [...li(5, START), asm('lw', { rd: 6, rs1: 5, imm: 2 }), ...end(0)])
    expect((await sim('run', file)).err).toContain('in main+0x8; --misaligned hardware lets the hart do it')
    expect((await sim('run', file, '--misaligned', 'hardware')).code).toBe(0)
  })

  it('takes a SoC from a file', async () => {
    const blocks = [
      { kind: 'ram', name: 'ram', base: START, size: 0x1000, doc: '' },
      { kind: 'markers', name: 'markers', base: 0xf000_0000, size: 16, doc: '' },
    ]
    writeFileSync(join(folder, 'small.json'), JSON.stringify({ blocks }))
    const file = firmware('marked.elf', [
      ...li(5, 0xf000_0000),
      asm('addi', { rd: 6, imm: 9 }),
      asm('sw', { rs1: 5, rs2: 6, imm: 8 }),
    ])
    expect((await sim('run', file, '--soc', 'small.json')).code).toBe(9)
    expect((await sim('run', hello, '--soc', 'small.json')).err).toContain('store access fault (0x10000000')
    writeFileSync(join(folder, 'bad.json'), '{')
    expect(await sim('run', file, '--soc', 'bad.json')).toMatchObject({
      code: 125,
      err: expect.stringContaining('sim: bad.json: '),
    })
  })

  it('helps, with an example and exit codes', async () => {
    const { code, out } = await sim('run', '--help')
    expect(code).toBe(0)
    for (const text of ['Example:', 'Exit codes:', '124', '125', '126', '70', '--max-cycles'])
      expect(out).toContain(text)
    expect((await sim('--help')).out).toContain('run firmware on the simulated SoC')
  })
})
