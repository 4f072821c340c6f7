/**
 * `npm run traces:update`: builds the firmware of every golden trace again and records it; names as arguments choose some.
 * Nothing else changes golden traces: look at what `sim trace diff` says of the old and the new one, and say why in the commit.
 */
import { readFileSync } from 'node:fs'
import { cnnTarget } from '../../../accelerators/cnn/target.ts'
import { buildModel } from '../../../compiler/build-model.ts'
import { symbols } from '../../../compiler/codegen/model-source.ts'
import { compileModel } from '../../../compiler/compile.ts'
import { readNpy, samplesOf } from '../../../compiler/io/npy.ts'
import { tensorOf } from '../../../compiler/ir/graph.ts'
import { findToolchain } from '../../../compiler/toolchain/find-toolchain.ts'
import { buildProgram } from '../../../programs/build.ts'
import { programs } from '../../../programs/programs.ts'
import { loadSoc } from '../../../sim/cli/load-soc.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import { type Firmware, goldenNames, NETWORK, writeGolden } from './golden.ts'

const digits = (file: string) => readFileSync(new URL(`../../../programs/digits/${file}`, import.meta.url))

/** The firmware of the network, with its first image. */
async function network(): Promise<Firmware> {
  const model = compileModel(digits('digits.tflite'), NETWORK, { soc: loadSoc('default'), target: cnnTarget })
  const elf = await buildModel(model, findToolchain())
  const { graph, memory, roots } = model
  const id = graph.inputs[0]!
  const [sample] = samplesOf(readNpy(digits('inputs.npy'), 'inputs.npy'), tensorOf(graph, id), 'inputs.npy')
  const offset = memory.arena.offsets[memory.storages.findIndex(({ tensor }) => tensor === roots[id])]!
  const arena = (await loadElf(elf, NETWORK)).symbols.get(symbols.arena)!.address
  const bytes = new Uint8Array(sample!.buffer, sample!.byteOffset, sample!.byteLength)
  return { name: NETWORK, elf, input: { address: arena + offset, bytes } }
}

const chosen = process.argv.slice(2)
for (const name of chosen.length > 0 ? chosen : goldenNames) {
  const row = programs.find((program) => program.name === name)
  await writeGolden(row === undefined ? await network() : { name, elf: await buildProgram(row) })
  process.stdout.write(`${name}\n`)
}
