import type { TensorId } from '../ir/graph.ts'

/** Name of the memory that is no part of the accelerator: the SoC's RAM. */
export const RAM = 'ram'

/**
 * A run of bytes that gets its address late: from the scratchpad allocator when `memory` is one of the
 * accelerator's, from the arena planner or the linker when it is RAM. Identity is the object itself.
 */
export interface Storage {
  readonly name: string
  readonly memory: string
  readonly bytes: number
  readonly alignment: number
  /** RAM only: the activation tensor that lives here. */
  readonly tensor?: TensorId
  /** RAM only: read-only bytes, made on demand because tile search drops most of them. */
  readonly data?: () => Uint8Array
}

/** A byte of a storage. */
export interface Location {
  readonly storage: Storage
  readonly offset: number
}

/** A field of a command: a number, or a place that becomes an address. */
export type FieldValue = number | Location

/** One command of the accelerator before its addresses are known. */
export interface Command {
  /** Its name in the accelerator's description. */
  readonly name: string
  readonly fields: Readonly<Record<string, FieldValue>>
  /** Index of the layer that it belongs to. */
  readonly layer: number
  /** What it is about, for people: a tile, an operand. */
  readonly note: string
}

/** Address of a storage's first byte in its memory. */
export type AddressOf = (storage: Storage) => number

/** A place `offset` bytes after another. */
export function at(location: Location, offset: number): Location {
  return { storage: location.storage, offset: location.offset + offset }
}

/** The command's fields with every place turned into an address. */
export function resolveFields(command: Command, addressOf: AddressOf): Record<string, number> {
  const fields: Record<string, number> = {}
  for (const [name, value] of Object.entries(command.fields))
    fields[name] = typeof value === 'number' ? value : addressOf(value.storage) + value.offset
  return fields
}

/** Storages that a command's fields point into. */
export function storagesOf(command: Command): Storage[] {
  const found: Storage[] = []
  for (const value of Object.values(command.fields)) if (typeof value !== 'number') found.push(value.storage)
  return found
}
