import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { openTrace } from '../../../sim/cli/trace-options.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { TraceReader } from '../../../sim/trace/reader.ts'
import { makeElf } from '../elf/make-elf.ts'
import { asm, bytes, exit, guest, li, START } from '../guest.ts'

const folder = mkdtempSync(join(tmpdir(), 'sim-trace-'))
afterAll(() => rmSync(folder, { recursive: true }))

const main = fileURLToPath(new URL('../../../sim/cli/main.ts', import.meta.url))

/** Where the first record of a trace begins, and bytes of a record before its packed content (`traces/README.md`). */
const [HEADER_AT, RECORD_HEAD] = [16, 16]
/** Of the content of the first record, the header; chunks follow. */
const packedBytes = (trace: Buffer) => trace.readUInt32LE(HEADER_AT + 8)

/** Processes in a row, on a machine that may have much else to do. */
const SLOW = 120_000

function start(...args: readonly string[]) {
  return spawn(process.execPath, ['--import', import.meta.resolve('tsx'), main, ...args], { cwd: folder })
}

function sim(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = start(...args)
  let [out, err] = ['', '']
  child.stdout.on('data', (data) => (out += data))
  child.stderr.on('data', (data) => (err += data))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

function firmware(name: string, program: readonly number[]): string {
  const symbols = [{ name: 'main', address: START, size: program.length * 4 }]
  const segments = [{ address: START, bytes: bytes(program), memorySize: program.length * 4 }]
  writeFileSync(join(folder, name), makeElf({ entry: START, segments, symbols }))
  return name
}

const five = firmware('five.elf', [...li(5, 5), asm('add', { rd: 6, rs1: 5, rs2: 5 }), ...exit])
const six = firmware('six.elf', [...li(5, 6), asm('add', { rd: 6, rs1: 5, rs2: 5 }), ...exit])
const endless = firmware('endless.elf', [asm('addi', { rd: 5, rs1: 5, imm: 1 }), asm('jal', { imm: -4 })])

describe.concurrent('a recorded run', () => {
  it(
    'is converted, counted, and compared with another',
    async () => {
      await Promise.all([sim('run', five, '--trace=five.simtrace'), sim('run', six, '--trace=six.simtrace')])
      const [stat, log, shown, same, other] = await Promise.all([
        sim('trace', 'stat', 'five.simtrace', '--json'),
        sim('trace', 'convert', 'five.simtrace', '--to', 'spike', '-o', 'five.log'),
        sim('trace', 'convert', 'five.simtrace', '--to', 'spike', '-o', '-'),
        sim('trace', 'diff', 'five.simtrace', 'five.simtrace'),
        sim('trace', 'diff', 'five.simtrace', 'six.simtrace'),
      ])
      const counts = { program: five, instructions: 8, complete: true, events: { mmio: 1 } }
      expect(JSON.parse(stat.out)).toMatchObject(counts)
      expect(log).toEqual({ code: 0, out: '', err: '' })
      expect(readFileSync(join(folder, 'five.log'), 'utf8')).toContain(
        'core   0: 3 0x80000004 (0x00528293) x5  0x00000005\n',
      )
      expect(shown).toEqual({ code: 0, out: readFileSync(join(folder, 'five.log'), 'utf8'), err: '' })
      expect(same).toEqual({ code: 0, out: 'the traces are the same\n', err: '' })
      expect(other.code).toBe(1)
      expect(other.out).toContain('+ cycle 1: 0x80000004 addi t0, t0, 6 (0x00628293), t0 = 0x00000006  [main]')
    },
    SLOW,
  )

  it.each(['SIGKILL', 'SIGINT'] as const)(
    'that %s ends leaves a file that is readable up to the cut',
    async (signal) => {
      const child = start('run', endless, `--trace=${signal}.simtrace`)
      const part = join(folder, `${signal}.simtrace.part`)
      const hasChunk = () => {
        const file = existsSync(part) ? readFileSync(part) : Buffer.alloc(0)
        return file.length > HEADER_AT + RECORD_HEAD && file.length > HEADER_AT + RECORD_HEAD + packedBytes(file)
      }
      while (!hasChunk()) await new Promise((resolve) => setTimeout(resolve, 50))
      child.kill(signal)
      await new Promise((resolve) => child.on('close', resolve))
      const counts = JSON.parse((await sim('trace', 'stat', part, '--json')).out)
      expect(counts.complete).toBe(false)
      expect(counts.instructions).toBeGreaterThanOrEqual(1 << 20)
    },
    SLOW,
  )

  it.skipIf(!existsSync('/dev/full'))(
    'ends with one sentence when the disk is full',
    async () => {
      symlinkSync('/dev/full', join(folder, 'full.simtrace.part'))
      for (const file of ['full.simtrace', '/dev/full']) {
        const message = `sim: ${file}: the trace cannot be written (ENOSPC); choose another file\n`
        expect(await sim('run', five, `--trace=${file}`)).toEqual({ code: 125, out: '', err: message })
      }
    },
    SLOW,
  )

  it('is refused with one sentence when an option or a file makes no sense', async () => {
    const event = await sim('run', five, '--trace=x.simtrace', '--trace-events', 'all')
    expect(event).toMatchObject({ code: 125, err: expect.stringContaining('Choose of commit, mem') })
    const file = await sim('trace', 'stat', five)
    expect(file).toMatchObject({ code: 125, err: expect.stringMatching(/^sim: five.elf: it is no trace; [^\n]*\n$/) })
  })

  it.each([
    [{ trace: 'log.txt', traceFrom: 3 }, '--trace-from needs a trace to narrow'],
    [{ traceFunction: 'main' }, '--trace-function needs a trace to narrow'],
    [{ trace: 'x.simtrace', traceFrom: 3, traceRegion: 1 }, 'a trace can be narrowed in one way only'],
    [{ trace: 'x.simtrace', traceFrom: 10, traceTo: 5 }, 'nothing begins at cycle 10 or later and before cycle 5'],
    [{ trace: '/nosuch/x.simtrace' }, 'the trace cannot be written (ENOENT)'],
  ])('is refused: %o', async (options, message) => {
    await expect(openTrace(options, defaultSoc, {})).rejects.toThrow(message)
  })

  it(
    'is not written over what it was made from, nor over the program',
    async () => {
      await sim('run', six, '--trace=kept.simtrace', '--trace-events', 'mmio')
      const trace = readFileSync(join(folder, 'kept.simtrace'))
      const over = await sim('trace', 'convert', 'kept.simtrace', '--to', 'ndjson', '-o', 'kept.simtrace')
      expect(over).toMatchObject({ code: 125, err: expect.stringContaining('it is an input') })
      expect(readFileSync(join(folder, 'kept.simtrace'))).toEqual(trace)
      const copy = firmware('copy.simtrace', [...exit])
      const elf = readFileSync(join(folder, copy))
      expect(await sim('run', copy, `--trace=${copy}`)).toMatchObject({
        code: 125,
        err: expect.stringContaining('it is an input'),
      })
      const log = firmware('copy.elf', [...exit])
      expect(await sim('run', log, `--trace=${log}`)).toMatchObject({ code: 125 })
      for (const file of [copy, log]) expect(readFileSync(join(folder, file))).toEqual(elf)
      expect((await sim('run', 'nosuch.elf', '--trace=left.simtrace')).code).toBe(125)
      expect(existsSync(join(folder, 'left.simtrace.part'))).toBe(false)
      expect((await sim('run', five, '--trace=left.simtrace', '--restore', five)).code).toBe(125)
      expect(existsSync(join(folder, 'left.simtrace.part'))).toBe(false)
      const lacking = await sim('trace', 'convert', 'kept.simtrace', '--to', 'spike')
      expect(lacking).toMatchObject({
        code: 125,
        err: expect.stringContaining('spike needs commit, and the trace was recorded with mmio'),
      })
      const nothing = await sim('run', six, '--trace=none.simtrace', '--trace-from', '100000')
      expect(nothing).toMatchObject({ code: 0, err: expect.stringContaining('none.simtrace holds nothing') })
    },
    SLOW,
  )

  it('that is damaged leaves nothing where it was to be converted to', async () => {
    await sim('run', five, '--trace=whole.simtrace')
    const damaged = Buffer.from(readFileSync(join(folder, 'whole.simtrace')))
    const at = new TraceReader(new Uint8Array(damaged), 'whole').index[0]![0]
    damaged[at + 12]! ^= 0xff
    writeFileSync(join(folder, 'damaged.simtrace'), damaged)
    const { code, err } = await sim('trace', 'convert', 'damaged.simtrace', '--to', 'ndjson', '-o', 'damaged.json')
    expect(code).toBe(125)
    expect(err).toContain('is damaged')
    expect(readdirSync(folder).filter((name) => name.startsWith('damaged.json'))).toEqual([])
  })

  it('tells by which options it was narrowed', async () => {
    const trace = join(folder, 'narrow.simtrace')
    const open = (await openTrace({ trace, traceFrom: 1, traceTo: 3 }, defaultSoc, {}))!
    guest([...exit], { probes: [open.probe] }).run()
    open.close()
    expect(new TraceReader(readFileSync(trace), trace).header.window).toEqual({ from: 1, to: 3 })
  })

  it(
    'is converted with a word on why there is less than was asked for',
    async () => {
      await sim('run', five, '--trace=told.simtrace')
      const trace = readFileSync(join(folder, 'told.simtrace'))
      writeFileSync(join(folder, 'cut.simtrace'), trace.subarray(0, trace.length - 1))
      const convert = (file: string, ...options: readonly string[]) => sim('trace', 'convert', file, ...options)
      const [whole, cut, late, without, backward, waves] = await Promise.all([
        convert('told.simtrace', '--to', 'csv'),
        convert('cut.simtrace', '--to', 'csv'),
        convert('told.simtrace', '--to', 'csv', '--from', '1000'),
        convert('told.simtrace', '--to', 'csv', '--events', 'uart'),
        convert('told.simtrace', '--to', 'csv', '--from', '9', '--until', '9'),
        convert('told.simtrace', '--to', 'vcd', '--events', 'mmio'),
      ])
      expect(whole.err).toBe('')
      expect(cut).toMatchObject({
        code: 0,
        err: 'sim: cut.simtrace is cut off at cycle 8: the end of its run is missing\n',
      })
      const nothing = 'sim: told.simtrace holds nothing of what was asked for that csv shows; it has cycles 0 to 8\n'
      for (const one of [late, without]) expect(one).toMatchObject({ code: 0, err: nothing })
      for (const one of [late, without]) expect(one.out.split('\n')).toHaveLength(2)
      const message = 'nothing begins at cycle 9 or later and before cycle 9; give --until a later cycle than --from\n'
      expect(backward).toEqual({ code: 125, out: '', err: `sim: told.simtrace: ${message}` })
      expect(waves).toMatchObject({ code: 125, err: expect.stringContaining('vcd needs commit or trap') })
    },
    SLOW,
  )

  it('of a function that the program has not is refused when the program is loaded', async () => {
    const trace = await openTrace({ trace: join(folder, 'f.simtrace'), traceFunction: 'f' }, defaultSoc, {})
    const load = () => guest([...exit], { probes: [trace!.probe] })
    expect(load).toThrow('the program has no function f')
  })
})
