import type { FieldValues, ParameterValues } from './description.ts'

/** Where an accelerator's memories lie in one WebAssembly memory, and what is free to work in. */
export interface SharedMemory {
  readonly memory: WebAssembly.Memory
  /** Byte offsets of the accelerator's memories by their names. */
  readonly offsets: Readonly<Record<string, number>>
  /** Working memory: `from` (a multiple of 16) to the end of `memory`. */
  readonly work: { readonly from: number }
}

/**
 * Does what a command's `execute` does, with exactly the same bytes in all memories as its result.
 * False when it does not take this case; then it has changed nothing and `execute` runs.
 */
export type FastEffect = (fields: FieldValues) => boolean

/** Faster versions of the effects of commands that use nothing but the accelerator's own memories. */
export interface FastEffects<P = ParameterValues> {
  /** Bytes of working memory that they want. */
  workBytes(parameters: P): number
  /** Makes the effects, by command; called once, before the first of these commands runs. */
  create(parameters: P, shared: SharedMemory): Readonly<Record<string, FastEffect>>
  /** Commands that have one. */
  readonly commands: readonly string[]
}
