import type { AcceleratorDescription, MemorySpec, ParameterValues } from '../../sim/accel/description.ts'
import type { Graph, Operator, TensorId } from '../ir/graph.ts'
import type { OperatorKind } from '../ir/operators.ts'
import type { Command, FieldValue, Location } from '../schedule/program.ts'

/** An accelerator with its parameters settled. */
export interface Hardware {
  readonly description: AcceleratorDescription
  readonly parameters: ParameterValues
  readonly memories: Readonly<Record<string, MemorySpec>>
}

/** Operators of a graph that one pattern takes as one layer: each but the last feeds only the next. */
export interface Match<K extends OperatorKind = OperatorKind> {
  readonly graph: Graph
  readonly operators: readonly Operator<K>[]
}

/** How a whole activation tensor lies in a scratchpad; an accelerator adds what else it needs to know. */
export interface Layout {
  readonly memory: string
  readonly bytes: number
  readonly alignment: number
}

/** An activation that stays in the scratchpad between its producer and its consumers. */
export interface Resident<L extends Layout = Layout> {
  readonly location: Location
  readonly layout: L
}

/** Where a layer finds an activation, or puts it: at least one of the two. */
export interface Operand<L extends Layout = Layout> {
  readonly tensor: TensorId
  readonly resident?: Resident<L>
  /** First byte of the tensor in RAM, dense and row-major. */
  readonly ram?: Location
}

/** A dimension of a layer that tiles cut. */
export interface Axis {
  readonly name: string
  readonly size: number
  /** Tiles are multiples of this, but for the last. */
  readonly step: number
  /** Largest tile, when a tile may not cover it all. */
  readonly limit?: number
}

/** The part of an axis that a tile covers. */
export interface Range {
  readonly start: number
  readonly size: number
  /** Nothing of the axis comes before, or after. */
  readonly first: boolean
  readonly last: boolean
}

/** What one tile covers, by axis. */
export type Tile<A extends string = string> = Readonly<Record<A, Range>>

/** What lowering a tile works with. Tiles of a layer share one workspace, in loop order. */
export interface Workspace<L extends Layout = Layout> {
  /** Activations that the layer reads, in the order of `Lowering.inputs`. */
  readonly inputs: readonly Operand<L>[]
  readonly output: Operand<L>
  /** A new piece of scratchpad; it is free again after the last command that uses it. */
  buffer(memory: string, bytes: number, name: string, alignment?: number): Location
  /** What `make` gave last time in this slot if the key is still the same: data that stays from tile to tile. */
  keep<T>(slot: string, key: string, make: () => T): T
  /** Read-only data in RAM; equal keys of a layer give the same data. `make` may never be called. */
  constant(key: string, bytes: number, make: () => Uint8Array): Location
  /** Appends a command; `note` says in a few words what it is about. */
  emit(command: string, fields: Readonly<Record<string, FieldValue>>, note: string): void
}

/** A layer as its target sees it: what tiles cut and which commands compute a tile. */
export interface Lowering<L extends Layout = Layout> {
  /** Activations that it reads. */
  readonly inputs: readonly TensorId[]
  readonly output: TensorId
  /** How each activation would have to lie to stay in the scratchpad; undefined where it cannot. */
  readonly layouts: { readonly inputs: readonly (L | undefined)[]; readonly output: L | undefined }
  readonly axes: readonly Axis[]
  /** Loop orders worth trying: names of axes, outermost first. */
  readonly orders: readonly (readonly string[])[]
  /** Multiply-accumulates of the whole layer. */
  readonly macs: number
  lower(tile: Tile, work: Workspace<L>): void
}

/** A shape of operators that an accelerator can take. */
export interface Pattern<K extends OperatorKind = OperatorKind, L extends Layout = Layout> {
  /** Kinds of the operators in a chain; longer patterns are tried first. */
  readonly operators: readonly K[]
  /** True, or the reason why the accelerator cannot take this one. */
  accepts(match: Match<K>, hardware: Hardware): true | string
  lowering(match: Match<K>, hardware: Hardware): Lowering<L>
}

/** What the compiler has to know about an accelerator beyond its description. */
export interface Target<L extends Layout = Layout> {
  readonly description: AcceleratorDescription
  readonly patterns: readonly Pattern<OperatorKind, L>[]
  /** The fence that makes the controller wait, or that only records the time when all before it has finished. */
  fence(options: {
    readonly sequence: number
    readonly interrupt: boolean
    readonly timestamp?: Location
  }): Pick<Command, 'name' | 'fields'>
  /** One layout that suits everybody who asked for one of these; undefined when there is none. */
  merge(layouts: readonly L[]): L | undefined
}

/** Types a target by its layouts; the compiler itself does not look into them. */
export function defineTarget<L extends Layout>(target: Target<L>): Target {
  return target as unknown as Target
}

/** Types a pattern by the operators that it takes. */
export function patternOf<L extends Layout>() {
  return <K extends OperatorKind>(pattern: Pattern<K, L>): Pattern<OperatorKind, L> =>
    pattern as unknown as Pattern<OperatorKind, L>
}
