import { NETWORK_SECTION } from '../../sim/debug-info/network-map.ts'
import { type Graph, type Tensor, type TensorId, tensorOf } from '../ir/graph.ts'
import type { MemoryPlan } from '../schedule/plan-memory.ts'
import { type Location, RAM, type Storage } from '../schedule/program.ts'
import type { Step, Stream } from '../schedule/stream.ts'
import type { Layer } from '../target/partition.ts'
import type { Hardware } from '../target/target.ts'
import { commentText, identifier, initialiser, shortName, stringLiteral } from './c-values.ts'
import { commandTable } from './command-table.ts'
import { Constants } from './constants.ts'
import { kernelCall } from './kernels.ts'
import { ConstantUses, networkMap } from './network-map.ts'

/** Everything that the C of a model is made from. */
export interface ModelPlan {
  readonly graph: Graph
  readonly layers: readonly Layer[]
  /** For every tensor the one whose bytes it is. */
  readonly roots: readonly TensorId[]
  readonly memory: MemoryPlan
  /** Absent when the CPU does everything. */
  readonly accelerator?: {
    readonly hardware: Hardware
    readonly stream: Stream
    /** Name of its block in the SoC. */
    readonly block: string
    /** Cycles of the SoC that the schedule says a layer takes after the one before, by the layer's index. */
    readonly predictedCycles: ReadonlyMap<number, number>
  }
}

/** Symbols that the host looks up in the firmware. */
export const symbols = {
  arena: 'model_arena',
  started: 'model_started',
  profile: 'model_profile',
  fences: 'model_fences',
  commands: 'model_commands',
} as const

/** When each layer ran: what fences write their times to, and the firmware around layers of the CPU. */
export const profile: Storage = { name: symbols.profile, memory: RAM, bytes: 0, alignment: 8 }
/** Bytes of an entry of the profile, and where the end of a layer stands in it. */
export const PROFILE_ENTRY = { bytes: 16, end: 8 } as const

export const BINARY_FILE = 'model_constants.bin'
const NETWORK_FILE = 'network.json'
const ENTRY = 'model_invoke'

/**
 * The C of a model: `model.c` with the model API, an assembly file with its read-only data and the description of
 * the network, and the files that it takes in.
 */
export function modelSource(plan: ModelPlan): ReadonlyMap<string, string | Uint8Array> {
  const constants = new Constants()
  const source = new ModelSource(plan, constants)
  const text = source.text()
  return new Map<string, string | Uint8Array>([
    ['model.c', text],
    ['model_constants.S', `${constants.assembly(BINARY_FILE)}${networkSection}`],
    [BINARY_FILE, constants.binary()],
    [NETWORK_FILE, source.network()],
  ])
}

const networkSection = `
# The description of the network; not loaded.
  .section ${NETWORK_SECTION}, "", @progbits
  .incbin "${NETWORK_FILE}"
`

class ModelSource {
  /** Which layers read which constants. */
  private readonly uses = new ConstantUses()
  private readonly plan: ModelPlan
  private readonly constants: Constants
  private readonly externs: string[] = []
  private readonly definitions: string[] = []
  private readonly symbols = new Map<Storage | TensorId, string>()

  constructor(plan: ModelPlan, constants: Constants) {
    this.plan = plan
    this.constants = constants
  }

  text(): string {
    const { graph, accelerator } = this.plan
    const body = this.invoke()
    const table =
      accelerator &&
      commandTable(
        symbols.commands,
        accelerator.stream,
        this.plan.layers,
        accelerator.hardware.description,
        (at, layer) => this.address(at, layer),
      )
    const description = this.description()
    const sections = [
      `/* Generated from ${commentText(graph.name)}: change the model, not this file. */`,
      this.includes(),
      this.arena(),
      [...new Set(this.externs)].join('\n'),
      this.definitions.join('\n'),
      `struct layer_time ${symbols.profile}[${Math.max(1, this.plan.layers.length)}];`,
      ...(table === undefined ? [] : [table]),
      description,
      body,
    ]
    return `${sections.filter((section) => section !== '').join('\n\n')}\n`
  }

  /** The description of the network; complete once the text is made. */
  network(): string {
    const map = networkMap(this.plan, this.uses, { ...symbols, entry: ENTRY }, (storage) => this.symbols.get(storage))
    return `${JSON.stringify(map)}\n`
  }

  private includes(): string {
    const headers = ['kernels', 'model', 'profile', ...(this.plan.accelerator === undefined ? [] : ['ring'])]
    return [...headers.map((name) => `#include "presilicon/${name}.h"`), '#include "soc.h"'].join('\n')
  }

  private arena(): string {
    const { storages, arena } = this.plan.memory
    const rows = storages.map((storage, i) => {
      const { name, shape } = tensorOf(this.plan.graph, storage.tensor!)
      return `#define TENSOR_${storage.tensor} (${symbols.arena} + ${arena.offsets[i]}) /* ${shortName(name)} [${shape.join(', ')}] */`
    })
    const size = Math.max(1, arena.bytes)
    // Not in .bss, which start-up code clears: what a host has written to the inputs before must survive.
    const place = '__attribute__((aligned(16), section(".data.model_arena")))'
    return [`${place} int8_t ${symbols.arena}[${size}];`, ...rows].join('\n')
  }

  /** Expression of type `int8_t *` for the bytes of a tensor, which `layer` reads when it is given. */
  private tensor(id: TensorId, layer?: number): string {
    const { graph, roots } = this.plan
    const root = roots[id]!
    const { data, name } = tensorOf(graph, root)
    if (data === undefined) return `TENSOR_${root}`
    const bytes = () => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    return this.shared(root, layer, () =>
      this.constant(`tensor_${root}_${identifier(name).slice(-40)}`, 'int8_t', bytes()),
    )
  }

  private constant(name: string, ctype: string, bytes: Uint8Array): string {
    const symbol = this.constants.add(name, bytes)
    this.externs.push(`extern const ${ctype} ${symbol}[];`)
    this.uses.define(symbol, ctype, bytes.length)
    return symbol
  }

  /** The symbol of a constant that several layers may read; made at the first. */
  private shared(key: Storage | TensorId, layer: number | undefined, make: () => string): string {
    const symbol = this.symbols.get(key) ?? make()
    this.symbols.set(key, symbol)
    if (layer !== undefined) this.uses.use(symbol, layer)
    return symbol
  }

  /** Expression for a place in RAM, used by a layer, as a 32-bit number that the linker fills in. */
  private address({ storage, offset }: Location, layer: number): string {
    const sum = (symbol: string) => `(uint32_t)(uintptr_t)(${symbol}${offset === 0 ? '' : ` + ${offset}`})`
    if (storage.tensor !== undefined) return sum(`TENSOR_${storage.tensor}`)
    if (storage === profile)
      return `(uint32_t)(uintptr_t)&${symbols.profile}[${Math.floor(offset / PROFILE_ENTRY.bytes)}].end`
    return sum(this.shared(storage, layer, () => this.constant(identifier(storage.name), 'uint8_t', storage.data!())))
  }

  /** `model_invoke`: what the controller does, step by step. */
  private invoke(): string {
    const steps = this.plan.accelerator?.stream.steps ?? this.cpuSteps()
    const lines = steps.flatMap((step) => (step.kind === 'cpu' ? this.cpuLayer(step.layer) : this.acceleratorRun(step)))
    if (this.plan.accelerator === undefined) return functionText(`int ${ENTRY}(void)`, [...lines, 'return 0;'])
    const { stream, block } = this.plan.accelerator
    const soc = `SOC_${block.toUpperCase()}`
    const open = [
      'if (ring.registers == 0) {',
      `  const enum ring_state state = ring_open(&ring, ${soc}_BASE, ${soc}_IRQ);`,
      '  if (state != RING_DONE) return state;',
      '}',
      `ring_start(&ring, ${symbols.commands}, ${stream.commands.length});`,
    ]
    const wait = functionText('static int run_until(uint32_t end, uint32_t fence)', [
      'ring_submit(&ring, end);',
      'if (ring_wait(&ring, fence) == RING_DONE) return 0;',
      'ring_print_error(&ring);',
      'return (int)ring_error(&ring).code;',
    ])
    const body = ['int error;', ...open, ...lines, 'return 0;']
    return ['static struct ring ring;', wait, functionText(`int ${ENTRY}(void)`, body)].join('\n\n')
  }

  private cpuSteps(): readonly Step[] {
    return this.plan.layers.filter(({ on }) => on === 'cpu').map(({ index }) => ({ kind: 'cpu', layer: index }))
  }

  private acceleratorRun({ first, end, sequence }: Step & { readonly kind: 'accelerator' }): string[] {
    return [`profile_begin(${first});`, `error = run_until(${end}, ${sequence});`, 'if (error != 0) return error;']
  }

  private cpuLayer(index: number): string[] {
    const { graph, layers } = this.plan
    return layers[index]!.operators.flatMap((operator) => {
      const { definitions, call } = kernelCall(operator, {
        graph,
        prefix: `layer_${index}`,
        tensor: (id) => this.tensor(id, index),
        constant: (name, ctype, bytes) => {
          const symbol = this.constant(name, ctype, bytes)
          this.uses.use(symbol, index)
          return symbol
        },
      })
      this.definitions.push(...definitions)
      return [`profile_begin(${index}); /* ${commentText(operator.origin.op)} */`, call, `profile_end(${index});`]
    })
  }

  /** `model_description`: name, inputs and outputs. */
  private description(): string {
    const { graph, layers, memory } = this.plan
    const side = (name: string, ids: readonly TensorId[]) => {
      const shapes = ids.map((id, i) => {
        const { shape } = tensorOf(graph, id)
        return `static const int32_t ${name}_${i}_shape[] = ${initialiser(shape.length === 0 ? [1] : shape)};`
      })
      const rows = ids.map(
        (id, i) => `  ${initialiser(this.tensorMembers(tensorOf(graph, id), `${name}_${i}_shape`))},`,
      )
      return [...shapes, `static const struct model_tensor ${name}s[] = {`, ...rows, '};'].join('\n')
    }
    const members = {
      name: stringLiteral(graph.name),
      inputs: 'inputs',
      outputs: 'outputs',
      inputCount: graph.inputs.length,
      outputCount: graph.outputs.length,
      layerCount: layers.length,
      arenaBytes: memory.arena.bytes,
    }
    return [
      side('input', graph.inputs),
      side('output', graph.outputs),
      `const struct model_description model_description = ${initialiser(members)};`,
    ].join('\n')
  }

  private tensorMembers({ id, name, shape, quantisation }: Tensor, shapeName: string) {
    const root = this.plan.roots[id]!
    const { bytes } = this.plan.memory.storages.find(({ tensor }) => tensor === root)!
    return {
      data: this.tensor(id),
      bytes,
      name: stringLiteral(name),
      shape: shapeName,
      rank: shape.length,
      scale: `${(quantisation?.scales[0] ?? 1).toExponential(9)}f`,
      zeroPoint: quantisation?.zeroPoints[0] ?? 0,
    }
  }
}

function functionText(signature: string, lines: readonly string[]): string {
  return [signature, '{', ...lines.map((line) => `  ${line}`), '}'].join('\n')
}
