import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { readNpy, writeNpy } from '../../compiler/io/npy.ts'
import { simIn } from '../sim/cli/command-line.ts'
import { digitsModel } from './shared-models.ts'

const folder = mkdtempSync(join(tmpdir(), 'sim-infer-'))
afterAll(() => rmSync(folder, { recursive: true }))

const sim = simIn(folder)
const digits = fileURLToPath(new URL('../../programs/digits', import.meta.url))
const [model, inputs, outputs] = ['digits.tflite', 'inputs.npy', 'outputs.npy'].map((file) => join(digits, file)) as [
  string,
  string,
  string,
]

describe('sim infer', () => {
  it('gives one JSON object with the agreed fields', async () => {
    const { code, out, err } = await sim(
      'infer',
      model,
      '--input',
      inputs,
      '--expect',
      outputs,
      '--samples',
      '2',
      '--output',
      'got',
      '--json',
    )
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const report = JSON.parse(out)
    expect(report).toMatchObject({
      samples: 2,
      match: true,
      mismatches: 0,
      maxAbsDiff: 0,
      outputs: [join('got', 'outputs.npy')],
    })
    expect(report.cycles).toBeGreaterThan(1000)
    expect(report.instructions).toBeGreaterThan(100)
    expect(Object.keys(report.memory)).toEqual(['arenaBytes', 'arenaLowerBoundBytes', 'readOnlyBytes', 'stackBytes'])
    expect(Object.keys(report.layers[0])).toEqual(['index', 'name', 'op', 'target', 'macs', 'cycles'])
    const written = readNpy(new Uint8Array(readFileSync(join(folder, 'got/outputs.npy'))), 'got')
    const expected = digitsModel().outputs
    expect(written.shape[0]).toBe(2)
    expect([...written.data]).toEqual([...expected.data.slice(0, written.data.length)])
  })

  it('shows people where the cycles went', async () => {
    const { code, out } = await sim('infer', model, '--input', inputs, '--samples', '1', '--accelerator', 'none')
    expect(code).toBe(0)
    expect(out).toMatch(/^layer +operator +ran on +MACs +cycles +MAC\/cycle +%\n/)
    expect(out).toMatch(/one inference +[\d,]+ +[\d,]+/)
    expect(out).toContain('1 sample: equal to the reference interpreter, byte for byte\n')
  })

  it('exits with 1 when an output differs', async () => {
    const { shape, data } = digitsModel().outputs
    const wrong = data.slice()
    wrong[3] = Math.abs(Number(wrong[3]) - 7) <= 128 ? Number(wrong[3]) - 7 : Number(wrong[3]) + 7
    writeFileSync(join(folder, 'wrong.npy'), writeNpy({ shape, data: wrong }))
    const { code, out } = await sim(
      'infer',
      model,
      '--input',
      inputs,
      '--expect',
      'wrong.npy',
      '--samples',
      '1',
      '--json',
    )
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ match: false, mismatches: 1, maxAbsDiff: 7 })
  })

  it('says which files it has written', async () => {
    const files = ['--output', 'all', '--report', 'all.json', '--trace=all.simtrace']
    const { code, out } = await sim('infer', model, '--input', inputs, '--samples', '1', ...files)
    expect(code).toBe(0)
    expect(out.match(/^wrote .*$/gm)).toEqual([
      `wrote ${join('all', 'outputs.npy')}`,
      'wrote all.json',
      'wrote all.simtrace',
    ])
  })

  it('refuses two outputs in one file before it compiles', async () => {
    const { code, err } = await sim('infer', model, '--input', inputs, '--report', 'x.html', '--trace=x.html')
    const sentence = 'x.html: --trace and --report would both write it; give each a file of its own'
    expect({ code, err }).toEqual({ code: 125, err: `sim: ${sentence}\n` })
    expect(existsSync(join(folder, 'x.html'))).toBe(false)
  })

  it('refuses what it cannot do in one sentence', async () => {
    const missing = await sim('infer', 'no.tflite', '--input', inputs)
    expect(missing).toEqual({ code: 125, out: '', err: 'sim: no.tflite: there is no such file; check the path\n' })
    const unknown = await sim('infer', model, '--input', inputs, '--accelerator', 'tpu', '--json')
    expect(unknown).toMatchObject({ code: 125, err: 'sim: there is no accelerator tpu; choose one of cnn, none\n' })
  })
})

describe('sim build', () => {
  it('writes the C of the model, what it needs, and firmware that runs', async () => {
    const { code, out } = await sim('build', model, '-o', 'built', '--set', 'accelerator.rows=32')
    expect(code).toBe(0)
    for (const file of [
      'model.c',
      'model_constants.S',
      'model_constants.bin',
      'soc.h',
      'accelerator.h',
      'firmware.ld',
      'firmware.elf',
    ]) {
      expect(existsSync(join(folder, 'built', file)), file).toBe(true)
      expect(out).toContain(join('built', file))
    }
  })

  it('prints a stage of the compiler', async () => {
    const { code, out } = await sim('build', model, '--emit', 'schedule')
    expect(code).toBe(0)
    expect(out).toMatch(/^layer +operator +tiles +commands +cycles/)
  })

  it('asks for a place to write to', async () => {
    expect(await sim('build', model)).toMatchObject({
      code: 125,
      err: expect.stringContaining('add -o FOLDER or --emit STAGE'),
    })
  })
})
