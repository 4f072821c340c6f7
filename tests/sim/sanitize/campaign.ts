/**
 * `npm run test:sanitize [-- --mutations N] [--models a,b] [--random-c N]`: that the sanitizer finds what matters and nothing else.
 *
 * 1. Generated firmware of every model, for the CPU and for the accelerator, has no finding; nor has that of some on
 *    accelerators of other sizes.
 * 2. With --random-c, nor have N programs of csmith (Debian: csmith, libcsmith-dev), by every toolchain that is installed.
 * 3. Command streams of some models are mutated. A mutation that gives other bytes, or no end, under any of several
 *    legal timings must be reported in a run with the plain timing; the unmutated stream gives the same bytes and no
 *    finding under all of them. An address that is merely another one of the same tensor is a mistake of the program
 *    and not of the interface: of those the number is printed, and only if the result depends on the timing must they be found.
 */
import { parseArgs } from 'node:util'
import { cnn } from '../../../accelerators/cnn/hardware.ts'
import { buildModel } from '../../../compiler/build-model.ts'
import { symbols } from '../../../compiler/codegen/model-source.ts'
import { compileModel } from '../../../compiler/compile.ts'
import { findToolchain } from '../../../compiler/toolchain/find-toolchain.ts'
import { modelFactory } from '../../../sim/accel/attach.ts'
import type { AcceleratorDescription } from '../../../sim/accel/description.ts'
import { chooseAccelerator } from '../../../sim/cli/choose-accelerator.ts'
import { textTable } from '../../../sim/cli/text-table.ts'
import type { ElfImage } from '../../../sim/elf/image.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import { Machine } from '../../../sim/machine.ts'
import type { InstructionLog } from '../../../sim/probe/instruction-log.ts'
import type { Probe } from '../../../sim/probe/probe.ts'
import { Sanitizer } from '../../../sim/sanitize/sanitizer.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { parameterPoints } from '../../end-to-end/parameter-points.ts'
import { digitsModel, type GoldenModel, modelNames, sharedModel } from '../../end-to-end/shared-models.ts'
import { installedToolchains } from '../../runtime-c/firmware.ts'
import { fenceMutations, type Mutation, mutationsOf, perturbed } from './mutations.ts'
import { hasCsmith, sanitizeRandomC } from './random-c.ts'
import { sanitizeModel } from './sanitize-model.ts'

const TIMINGS = [1, 2, 3, 4, 5, 6, 7, 8]
const MUTATED = ['digits', 'kws_dscnn', 'ic_resnet8', 'mnist_dw', 'ad_autoencoder']
/** A mutated stream that takes so many times as long goes on for ever. */
const PATIENCE = 100

const { values } = parseArgs({
  options: {
    mutations: { type: 'string', default: '20' },
    models: { type: 'string' },
    'random-c': { type: 'string', default: '0' },
    silence: { type: 'boolean', default: true },
  },
  allowNegative: true,
})
const models = [digitsModel(), ...modelNames.map(sharedModel)].filter((model) => model !== undefined)
let failed = false

/** A model's firmware with places that a mutation needs. */
interface Firmware {
  readonly image: ElfImage
  readonly input: { readonly address: number; readonly bytes: Uint8Array }
  readonly outputs: readonly { readonly address: number; readonly bytes: number }[]
  readonly commands: { readonly address: number; readonly bytes: number }
}

async function firmwareOf(model: GoldenModel): Promise<Firmware> {
  const { soc, target } = await chooseAccelerator(defaultSoc, 'cnn')
  const compiled = compileModel(model.bytes, model.name, { soc, ...(target && { target }) })
  const image = await loadElf(await buildModel(compiled, findToolchain()), model.name)
  const { graph, roots, memory } = compiled
  const arena = image.symbols.get(symbols.arena)!.address
  const place = (id: number) => {
    const index = memory.storages.findIndex(({ tensor }) => tensor === roots[id])
    return { address: arena + memory.arena.offsets[index]!, bytes: memory.storages[index]!.bytes }
  }
  const input = place(graph.inputs[0]!)
  const data = new Uint8Array(model.inputs.data.buffer, model.inputs.data.byteOffset, input.bytes)
  const { address, size } = image.symbols.get(symbols.commands)!
  return {
    image,
    input: { address: input.address, bytes: data },
    outputs: graph.outputs.map(place),
    commands: { address, bytes: size },
  }
}

/** Runs the firmware; gives its outputs as text, or why there are none. */
function run(
  { image, input, outputs }: Firmware,
  description: AcceleratorDescription,
  options: {
    readonly mutation?: Mutation
    readonly sanitizer?: Sanitizer
    readonly follow?: (log: InstructionLog) => void
    readonly maxCycles?: number
  },
): { result: string; cycles: number } {
  const { mutation, sanitizer, follow, maxCycles = 50_000_000 } = options
  const probes: Probe[] = [...(sanitizer ? [sanitizer] : []), ...(follow ? [{ instructions: follow }] : [])]
  const machine = new Machine(defaultSoc, {
    accelerators: { cnn: modelFactory(description) },
    probes,
  })
  machine.load(image)
  machine.writeMemory(input.address, input.bytes)
  if (mutation !== undefined) machine.writeMemory(mutation.address, mutation.bytes)
  const end = machine.run({ maxCycles })
  sanitizer?.finish(end)
  if (end.reason !== 'exit' || end.exitCode !== 0)
    return { result: end.reason === 'exit' ? 'error' : 'no end', cycles: end.cycles }
  const bytes = outputs.map(({ address, bytes }) => Buffer.from(machine.readMemory(address, bytes)).toString('base64'))
  return { result: bytes.join(), cycles: end.cycles }
}

function sample(all: readonly Mutation[], count: number): Mutation[] {
  const step = Math.max(1, all.length / count)
  return Array.from({ length: Math.min(count, all.length) }, (_, i) => all[Math.floor(i * step)]!)
}

interface Count {
  tried: number
  changed: number
  changedFound: number
  timingDependent: number
  timingDependentFound: number
  harmlessFound: number
}

async function mutate(model: GoldenModel, most: number): Promise<Map<Mutation['kind'], Count>> {
  const firmware = await firmwareOf(model)
  const plain = new Sanitizer({ soc: defaultSoc, accelerator: cnn })
  const executed = new Set<number>()
  const follow = (log: InstructionLog) => {
    for (let i = 0; i < log.count; i++) executed.add(log.pc[i]!)
  }
  const { result: golden, cycles } = run(firmware, cnn, { sanitizer: plain, follow })
  const silent = TIMINGS.every((seed) => {
    const sanitizer = new Sanitizer({ soc: defaultSoc, accelerator: cnn })
    return run(firmware, perturbed(cnn, seed), { sanitizer }).result === golden && sanitizer.findings.length === 0
  })
  if (plain.findings.length > 0 || !silent)
    complain(`${model.name}: the unmutated stream is not silent, or its output depends on the timing`)
  const machine = new Machine(defaultSoc, { accelerators: { cnn: modelFactory(cnn) } })
  machine.load(firmware.image)
  const { address, bytes } = firmware.commands
  const ofStream = mutationsOf(address, machine.readMemory(address, bytes), cnn)
  const ofCode = firmware.image.segments.flatMap((one) =>
    one.executable ? fenceMutations(one.address, one.bytes).filter(({ address }) => executed.has(address)) : [],
  )
  const all = [...ofStream, ...ofCode]
  const ofKind = [...new Set(all.map(({ kind }) => kind))].map((kind) => all.filter((one) => one.kind === kind))
  const counts = new Map<Mutation['kind'], Count>()
  for (const mutation of ofKind.flatMap((some) => sample(some, most))) {
    const count = counts.get(mutation.kind) ?? {
      tried: 0,
      changed: 0,
      changedFound: 0,
      timingDependent: 0,
      timingDependentFound: 0,
      harmlessFound: 0,
    }
    counts.set(mutation.kind, count)
    judge(firmware, model.name, mutation, { golden, maxCycles: cycles * PATIENCE }, count)
  }
  return counts
}

function judge(
  firmware: Firmware,
  name: string,
  mutation: Mutation,
  { golden, maxCycles }: { golden: string; maxCycles: number },
  count: Count,
): void {
  const sanitizer = new Sanitizer({ soc: defaultSoc, accelerator: cnn })
  const { kind, what } = mutation
  const results = new Set([run(firmware, cnn, { mutation, sanitizer, maxCycles }).result])
  for (const seed of TIMINGS) results.add(run(firmware, perturbed(cnn, seed), { mutation, maxCycles }).result)
  const found = sanitizer.findings.length > 0
  const changed = results.size > 1 || !results.has(golden)
  count.tried++
  count.changed += Number(changed)
  count.changedFound += Number(changed && found)
  count.timingDependent += Number(results.size > 1)
  count.timingDependentFound += Number(results.size > 1 && found)
  count.harmlessFound += Number(!changed && found)
  const owed = results.size > 1 || (changed && kind !== 'address')
  if (owed && !found) complain(`${name}: ${what} changes the output and is not found`)
  else if (changed && !found && process.env.VERBOSE)
    process.stderr.write(
      `${name}: ${what}: ${[...results].join('|').length < 40 ? [...results].join('|') : 'wrong'} under every timing\n`,
    )
}

function complain(message: string): void {
  failed = true
  process.stderr.write(`${message}\n`)
}

if (values.silence) {
  const rows: (string | number)[][] = [['model', 'on', 'instructions', 'seconds', 'outputs', 'findings']]
  for (const model of models) {
    if (values.models !== undefined && !values.models.split(',').includes(model.name)) continue
    for (const accelerator of ['cnn', 'none']) {
      const { findings, match, instructions, seconds } = await sanitizeModel(model, { accelerator })
      rows.push([
        model.name,
        accelerator === 'none' ? 'cpu' : accelerator,
        instructions,
        Number(seconds.toFixed(1)),
        match ? 'equal' : 'differ',
        findings.length,
      ])
      if (findings.length > 0 || !match)
        complain(`${model.name} on ${accelerator}: ${findings[0]?.message ?? 'outputs differ'}`)
    }
  }
  process.stdout.write(`${textTable(rows)}\n`)
  for (const model of models.filter(({ name }) => (values.models?.split(',') ?? MUTATED).includes(name)))
    for (const point of parameterPoints) {
      const options = { accelerator: 'cnn', parameters: [point], samples: 2 }
      const { findings, match } = await sanitizeModel(model, options)
      if (findings.length > 0 || !match)
        complain(`${model.name} with ${point}: ${findings[0]?.message ?? 'outputs differ'}`)
    }
}

for (const toolchain of Number(values['random-c']) > 0 ? installedToolchains : []) {
  if (!hasCsmith()) throw new Error('--random-c needs csmith: install the packages csmith and libcsmith-dev')
  let [tried, refused] = [0, 0]
  for (let seed = 1; seed <= Number(values['random-c']); seed++) {
    const findings = await sanitizeRandomC(seed, toolchain)
    if (findings === undefined) refused++
    else tried++
    for (const { message } of findings ?? []) complain(`program ${seed} of csmith by ${toolchain.name}: ${message}`)
  }
  process.stdout.write(`${tried} programs of csmith by ${toolchain.name}, ${refused} more do not compile\n`)
}

const rows: (string | number)[][] = [
  [
    'model',
    'mutated',
    'tried',
    'change the output',
    'of these found',
    'depend on timing',
    'of these found',
    'harmless, found',
  ],
]
for (const model of models.filter(({ name }) => (values.models?.split(',') ?? MUTATED).includes(name)))
  for (const [kind, c] of await mutate(model, Number(values.mutations)))
    rows.push([
      model.name,
      kind,
      c.tried,
      c.changed,
      c.changedFound,
      c.timingDependent,
      c.timingDependentFound,
      c.harmlessFound,
    ])
process.stdout.write(textTable(rows))
process.exitCode = failed ? 1 : 0
