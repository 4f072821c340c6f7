/** The kinds of files that users name, each with good ones to damage and what is done with them. */
import { readFileSync } from 'node:fs'
import { cnn } from '../../accelerators/cnn/hardware.ts'
import { importTflite } from '../../compiler/import/tflite/import-tflite.ts'
import { readNpy, writeNpy } from '../../compiler/io/npy.ts'
import { modelFactory } from '../../sim/accel/attach.ts'
import { UserError } from '../../sim/diagnostic.ts'
import type { ElfImage } from '../../sim/elf/image.ts'
import { loadElf } from '../../sim/elf/load.ts'
import { Machine } from '../../sim/machine.ts'
import { decodeState, encodeState } from '../../sim/snapshot/encode.ts'
import { encodeSnapshot, restoreSnapshot } from '../../sim/snapshot/file.ts'
import type { State } from '../../sim/snapshot/state.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { randomModel, randomOperators } from '../compiler/random-models.ts'
import { installedToolchains } from '../runtime-c/firmware.ts'
import { makeElf } from '../sim/elf/make-elf.ts'
import { exit, bytes as instructions, START } from '../sim/guest.ts'
import { buildBusyFirmware } from '../sim/snapshot/busy-firmware.ts'
import { damaged, noise, pick, type Random } from './damage.ts'
import { forged } from './forge.ts'

export interface Kind {
  /** A bad file. */
  readonly make: (random: Random) => Uint8Array
  /** What a command does with it. @throws UserError when it is refused */
  readonly use: (bytes: Uint8Array) => unknown
}

const NAME = 'bad.file'

/** With little memory, so that a machine is made quickly. */
const soc = {
  ...defaultSoc,
  blocks: defaultSoc.blocks.map((block) => (block.kind === 'ram' ? { ...block, size: 0x1_0000 } : block)),
}
const machine = () =>
  new Machine(soc, { accelerators: { cnn: modelFactory(cnn, 'reference') }, cpu: 'ibex', engine: 'interpreter' })

/** Long enough to get anywhere, and to stumble. */
const BRIEFLY = 3000

function runBriefly(machine: Machine): void {
  const { cycles, instructions } = machine.hart
  machine.run({ maxCycles: cycles + BRIEFLY, maxInstructions: instructions + BRIEFLY })
  machine.flushConsole()
}

const smallElf = makeElf({
  entry: START,
  segments: [
    { address: START, bytes: instructions(exit) },
    { address: START + 0x100, bytes: Uint8Array.of(1, 2, 3), memorySize: 64 },
  ],
  symbols: [
    { name: '_start', address: START, size: 8 },
    { name: 'data', address: START + 0x100, type: 1 },
  ],
  arch: 'rv32i2p1_m2p0_zicsr2p0',
})

/** ELF header, program headers, and where linkers put the section headers and the names: the end. */
const elfTables = (file: Uint8Array): [number, number][] => [
  [0, 52],
  [52, 180],
  [Math.max(0, file.length - 40 * 24), file.length],
]

async function elfKind(): Promise<Kind> {
  const [toolchain] = installedToolchains
  const files = [smallElf, ...(toolchain === undefined ? [] : [await buildBusyFirmware(toolchain, soc)])]
  return {
    make: (random) => {
      const file = pick(random, files)
      return random(0, 9) === 0 ? noise(random, 400, file) : damaged(file, random, elfTables(file))
    },
    use: async (bytes) => {
      const image = await loadElf(bytes, NAME)
      const subject = machine()
      subject.load(image)
      runBriefly(subject)
    },
  }
}

/** States of firmware that keeps every block busy, at a few points of its run. */
async function snapshotKind(): Promise<Kind> {
  const [toolchain] = installedToolchains
  const elf = toolchain === undefined ? smallElf : await buildBusyFirmware(toolchain, soc)
  const image: ElfImage = await loadElf(elf, NAME)
  const boot = () => {
    const made = machine()
    made.load(image)
    return made
  }
  const source = boot()
  const states = [0, 4_000, 8_000, 12_000, 16_000].map((maxCycles) => {
    source.run({ maxCycles })
    return encodeState(source.save())
  })
  const files = states.map((state) => encodeSnapshot(decodeState(state) as ReturnType<Machine['save']>))
  return {
    make: (random) => {
      const how = random(0, 9)
      if (how === 0) return noise(random, 400, pick(random, files))
      if (how <= 2) return damaged(pick(random, files), random, [[0, 24]])
      return forged(decodeState(pick(random, states)) as State, random)
    },
    use: (bytes) => {
      const subject = boot()
      restoreSnapshot(subject, bytes, NAME)
      runBriefly(subject)
    },
  }
}

function tfliteKind(): Kind {
  const digits = readFileSync(new URL('../../programs/digits/digits.tflite', import.meta.url))
  const files = [...randomOperators.map((operator) => randomModel(operator, 1).bytes), new Uint8Array(digits)]
  return {
    make: (random) => {
      const file = pick(random, files)
      if (random(0, 9) === 0) return noise(random, 400, file)
      return damaged(file, random, [
        [0, 256],
        [Math.max(0, file.length - 2048), file.length],
      ])
    },
    use: (bytes) => importTflite(bytes, NAME),
  }
}

function npyKind(): Kind {
  const arrays = [
    { shape: [2, 3, 4], data: Int8Array.from({ length: 24 }, (_, i) => i) },
    { shape: [5], data: Float32Array.of(1, 2, 3, 4, 5) },
    { shape: [], data: Int32Array.of(7) },
    { shape: [0, 4], data: new BigInt64Array(0) },
  ]
  const files = arrays.map((array) => writeNpy(array))
  return {
    make: (random) => {
      const file = pick(random, files)
      return random(0, 9) === 0 ? noise(random, 200, file) : damaged(file, random, [[0, 128]])
    },
    use: (bytes) => readNpy(bytes, NAME),
  }
}

export const kinds: Readonly<Record<string, () => Kind | Promise<Kind>>> = {
  elf: elfKind,
  snapshot: snapshotKind,
  tflite: tfliteKind,
  npy: npyKind,
}

/** Uses a bad file. @returns the sentence that it was refused with, if it was @throws when anything else happened */
export async function refusal({ use }: Kind, bytes: Uint8Array): Promise<string | undefined> {
  try {
    await use(bytes)
    return undefined
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const text = error.render()
    if (!/^bad\.file: [^\n]+$/.test(text) || text.length > 1000) throw new Error(`no sentence: ${text}`)
    return text
  }
}
