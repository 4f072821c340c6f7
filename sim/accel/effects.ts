/** Memories of an accelerator and the effects of its commands on them. */
import type { BusMaster } from '../bus/device.ts'
import type { AcceleratorDescription, MemorySpec, ParameterTable, ParameterValues } from './description.ts'
import type { FastEffect, FastEffects, SharedMemory } from './fast-effects.ts'
import type { IssuedCommand } from './listener.ts'

/** How effects are computed: `fast` wherever the description offers that, or always the `reference`. */
export type EffectsKind = 'fast' | 'reference'

const WASM_PAGE = 65536
const ALIGNMENT = 16
/** Kernels may read past the end of a memory, never further than this. */
const READ_AHEAD = 64

export class Effects {
  /** Signed views of all memories by their names. */
  readonly memories: Readonly<Record<string, Int8Array>>
  private readonly parameters: ParameterValues
  private readonly fast: { readonly offer: FastEffects; readonly shared: SharedMemory } | undefined
  private made: Readonly<Record<string, FastEffect>> | undefined

  constructor(description: AcceleratorDescription<ParameterTable>, parameters: ParameterValues, kind: EffectsKind) {
    this.parameters = parameters
    const specs = description.memories(parameters)
    const offer = kind === 'fast' ? description.fast : undefined
    if (offer === undefined) {
      this.memories = viewsOf(specs, ({ bytes }) => new Int8Array(bytes))
      return
    }
    const shared = share(specs, offer.workBytes(parameters))
    this.fast = { offer, shared }
    this.memories = viewsOf(
      specs,
      ({ bytes }, name) => new Int8Array(shared.memory.buffer, shared.offsets[name]!, bytes),
    )
  }

  /** Makes a command's effect visible. Returns the bus address that answered with an error, if one did. */
  execute({ name, spec, fields }: IssuedCommand, ram: BusMaster, now: number): number | undefined {
    if (this.fastEffect(name)?.(fields)) return undefined
    return spec.execute(fields, { parameters: this.parameters, memories: this.memories, ram, now })
  }

  /** Kernels are compiled when the first command can use them, so that a block that is not used costs nothing. */
  private fastEffect(name: string): FastEffect | undefined {
    if (this.fast === undefined || !this.fast.offer.commands.includes(name)) return undefined
    this.made ??= this.fast.offer.create(this.parameters, this.fast.shared)
    return this.made[name]
  }
}

function viewsOf(specs: Readonly<Record<string, MemorySpec>>, view: (spec: MemorySpec, name: string) => Int8Array) {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, view(spec, name)]))
}

/** One WebAssembly memory for all memories, one after the other, and working memory behind them. */
function share(specs: Readonly<Record<string, MemorySpec>>, workBytes: number): SharedMemory {
  const offsets: Record<string, number> = {}
  let end = 0
  for (const [name, { bytes }] of Object.entries(specs)) {
    offsets[name] = end
    end += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
  }
  const pages = Math.ceil((end + READ_AHEAD + workBytes) / WASM_PAGE)
  return { memory: new WebAssembly.Memory({ initial: pages, maximum: pages }), offsets, work: { from: end } }
}
