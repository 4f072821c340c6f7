/**
 * What an accelerator description is made of. An accelerator is described once, as plain data with
 * small pure functions; the simulated block, the command encoders, the cost function of the
 * compiler, the C header, the traces and the docs all derive from it.
 */
import type { BusMaster } from '../bus/device.ts'
import type { FastEffects } from './fast-effects.ts'

/** One sweepable design parameter; always a whole number. */
interface ParameterSpec {
  readonly default: number
  readonly min: number
  readonly max: number
  readonly multipleOf?: number
  readonly unit: string
  readonly doc: string
}
export type ParameterTable = Readonly<Record<string, ParameterSpec>>
export type ParameterValues<T extends ParameterTable = ParameterTable> = { readonly [K in keyof T]: number }

/** A memory inside the accelerator. Addresses in commands count bytes from its start. */
export interface MemorySpec {
  readonly bytes: number
  /** Bytes that the compute side moves per cycle through one port. */
  readonly portBytes: number
  readonly banks: number
  readonly doc: string
  /** Private state of a unit (accumulators): not reachable by DMA nor through the bus window. */
  readonly internal?: boolean
}

/** A field of a command: a little-endian integer of 8, 16 or 32 bits, or any width when `bit` is given. */
export interface FieldSpec {
  readonly bits: number
  readonly signed: boolean
  readonly doc: string
  /** The field is an address in this memory, or in RAM. */
  readonly memory?: string
  /** Explicit bit position for formats with a layout of their own; otherwise the layout follows naturally aligned. */
  readonly bit?: number
  /** Names of the only legal values of an enumeration or, with `flags`, of the only legal bits of a mask. */
  readonly values?: Readonly<Record<string, number>>
  readonly flags?: boolean
}
export type FieldTable = Readonly<Record<string, FieldSpec>>
export type FieldValues<F extends FieldTable = FieldTable> = { readonly [K in keyof F]: number }

/**
 * Bytes that a command reads or writes: `bytes` contiguous ones at `start`, repeated over up to
 * three dimensions. Tokens, the sanitizer and traces derive from it.
 */
export interface Region {
  /** A memory of the accelerator, or `ram`. */
  readonly memory: string
  readonly access: 'read' | 'write'
  /** Field of the command that holds `start`, for diagnostics. */
  readonly field?: string
  readonly start: number
  readonly bytes: number
  readonly repeat?: readonly { readonly count: number; readonly stride: number }[]
}

/** Time of one command in accelerator cycles when nothing else uses the bus. */
export interface Cost {
  /** Cycles in the unit that do not need the RAM port (latency, compute). */
  readonly cycles: number
  /** Cycles on the RAM port; they stretch when other masters want it too. */
  readonly busCycles?: number
}

/** Why a command is illegal. */
export interface FieldProblem {
  readonly field: string
  readonly message: string
}

/** What a command's effect works on. */
interface CommandContext<P = ParameterValues> {
  readonly parameters: P
  /** Signed view of a memory by its name; shared storage, so keep no copies. */
  readonly memories: Readonly<Record<string, Int8Array>>
  readonly ram: BusMaster
  /** SoC cycle at which the effect becomes visible. */
  readonly now: number
}

export interface CommandSpec<F extends FieldTable, P> {
  readonly opcode: number
  /** Unit that executes it; `front-end` for commands that no unit executes (fences). */
  readonly unit: string
  readonly doc: string
  readonly fields: F
  /**
   * Undefined when legal; runs before the command is issued. Enumerations and flags are checked by their
   * field's `values`, and memory bounds by `touches`, so that `execute` can rely on all three.
   */
  check(fields: FieldValues<F>, parameters: P): FieldProblem | undefined
  touches(fields: FieldValues<F>, parameters: P): readonly Region[]
  cycles(fields: FieldValues<F>, parameters: P): Cost
  /** Multiply-accumulates that do useful work, for counters and reports. */
  macs?(fields: FieldValues<F>, parameters: P): number
  /** The plain reference effect. Returns the bus address that answered with an error, if one did. */
  execute(fields: FieldValues<F>, context: CommandContext<P>): number | undefined
}
export type AnyCommand<P = ParameterValues> = CommandSpec<FieldTable, P>

/** Gives `command({...})` whose functions see the fields with their names and the parameters `P`. */
export function commandsOf<P>() {
  return <F extends FieldTable>(spec: CommandSpec<F, P>): CommandSpec<F, P> => spec
}

/** One memory-mapped register of 32 bits. */
export interface RegisterSpec {
  readonly name: string
  readonly offset: number
  readonly access: 'ro' | 'rw' | 'w1c' | 'wo'
  readonly doc: string
  /** Value after reset, 0 when not given. */
  readonly reset?: number | ((parameters: ParameterValues) => number)
  readonly fields?: Readonly<Record<string, { readonly bit: number; readonly bits: number; readonly doc: string }>>
}

/** Times and sizes of a ring front end, in accelerator cycles. */
export interface RingTiming {
  /** SoC clock cycles per accelerator cycle. */
  readonly clockDivider: number
  /** Commands that wait in front of each unit. */
  readonly queueDepth: number
  /** To fetch one command. */
  readonly fetch: Cost
  /** To decode, check and dispatch it. */
  readonly decodeCycles: number
}

/** How commands reach the block: a ring of fixed-size commands in RAM. Others join this union. */
interface RingFrontEnd<P = ParameterValues> {
  readonly kind: 'ring'
  readonly bytesPerCommand: number
  timing(parameters: P): RingTiming
}

export interface AcceleratorDescription<P extends ParameterTable = ParameterTable> {
  readonly name: string
  readonly doc: string
  readonly parameters: P
  memories(parameters: ParameterValues<P>): Readonly<Record<string, MemorySpec>>
  /** Units that run at the same time, in the order of their bits in token masks. */
  readonly units: readonly string[]
  readonly frontEnd: RingFrontEnd<ParameterValues<P>>
  readonly registers: readonly RegisterSpec[]
  readonly commands: Readonly<Record<string, AnyCommand<ParameterValues<P>>>>
  /** Faster effects of some commands, for long simulations; their `execute` stays what they are held to. */
  readonly fast?: FastEffects<ParameterValues<P>>
}

/** Checks nothing, types everything: the identity that lets a description infer its parameter names. */
export function defineAccelerator<P extends ParameterTable>(
  description: AcceleratorDescription<P>,
): AcceleratorDescription<P> {
  return description
}

const field =
  (bits: number, signed: boolean) =>
  (doc: string, extra: Partial<FieldSpec> = {}): FieldSpec => ({
    bits,
    signed,
    doc,
    ...extra,
  })
export const u8 = field(8, false)
export const i8 = field(8, true)
export const u16 = field(16, false)
export const u32 = field(32, false)
export const i32 = field(32, true)
/** A 32-bit byte address in one of the accelerator's memories, or in `ram`. */
export const address = (memory: string, doc: string): FieldSpec => u32(doc, { memory })
/** An 8-bit enumeration. */
export const oneOf = (values: Readonly<Record<string, number>>, doc: string): FieldSpec => u8(doc, { values })
/** An 8-bit mask of named bits. */
export const flags = (values: Readonly<Record<string, number>>, doc: string): FieldSpec =>
  u8(doc, { values, flags: true })

/** The usual first check of a command: sizes and strides that must be at least one. */
export function firstZero<F extends FieldValues>(
  fields: F,
  names: readonly (keyof F & string)[],
): FieldProblem | undefined {
  const field = names.find((name) => fields[name] === 0)
  return field === undefined ? undefined : { field, message: 'must not be zero' }
}
