import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { cnn } from '../../../accelerators/cnn/hardware.ts'
import { buildPlanted, plantedBugs, plantedFile } from '../../../programs/planted-bugs/build.ts'
import { modelFactory } from '../../../sim/accel/attach.ts'
import type { ElfImage } from '../../../sim/elf/image.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import { Machine } from '../../../sim/machine.ts'
import type { RunResult } from '../../../sim/run-result.ts'
import type { Finding } from '../../../sim/sanitize/finding.ts'
import { kinds } from '../../../sim/sanitize/kinds.ts'
import { Sanitizer } from '../../../sim/sanitize/sanitizer.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'

/** Long enough for every program here; some bugs never end. */
const MAX_CYCLES = 200_000

const images: { bug?: ElfImage; fixed?: ElfImage } = {}

beforeAll(async () => {
  images.bug = await loadElf(await buildPlanted(true), 'planted bugs')
  images.fixed = await loadElf(await buildPlanted(false), 'planted bugs, fixed')
}, 180_000)

function run(image: ElfImage, name: string): { result: RunResult; findings: readonly Finding[] } {
  const sanitizer = new Sanitizer({ soc: defaultSoc, accelerator: cnn })
  const machine = new Machine(defaultSoc, { accelerators: { cnn: modelFactory(cnn) }, probes: [sanitizer] })
  machine.load(image)
  const chosen = new Uint8Array(Uint32Array.of(plantedBugs.indexOf(name)).buffer)
  machine.writeMemory(image.symbols.get('planted_case')!.address, chosen)
  const result = machine.run({ maxCycles: MAX_CYCLES })
  return { result, findings: sanitizer.finish(result) }
}

/** What the source says of a side of its finding: `first: function` in a comment on the very line. */
function marked(source: string, side: 'first' | 'second'): { function: string; line: number } | undefined {
  for (const [index, text] of source.split('\n').entries()) {
    const [, name] = new RegExp(`/\\*.*${side}: (\\w+).*\\*/`).exec(text) ?? []
    if (name !== undefined) return { function: name, line: index + 1 }
  }
  return undefined
}

/** `output-read-early-2` is another way to the same kind. */
const kindOf = (name: string) => name.replace(/-\d+$/, '')

describe.each(plantedBugs)('%s', (name) => {
  it('is found, and both sides are named', () => {
    const { findings } = run(images.bug!, name)
    expect(findings.map(({ kind }) => kind)).toEqual([kindOf(name)])
    const [finding] = findings
    const source = readFileSync(plantedFile(name), 'utf8')
    for (const side of ['first', 'second'] as const) {
      const expected = marked(source, side)
      const { function: by, place } = finding![side] ?? {}
      expect(by, side).toBe(expected?.function)
      // A handler is entered through the runtime.
      if (place?.file.endsWith(`/${name}.c`) === true) expect(place.line, side).toBe(expected?.line)
    }
  })

  it('is silent when it is fixed', () => {
    const { result, findings } = run(images.fixed!, name)
    expect(findings).toEqual([])
    expect(result).toMatchObject({ reason: 'exit', exitCode: 0 })
  })
})

it('plants bugs of kinds that exist', () => {
  expect(plantedBugs.filter((name) => !Object.hasOwn(kinds, kindOf(name)))).toEqual([])
})
