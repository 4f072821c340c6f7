/**
 * State of a block as plain data: what a snapshot is made of. Undefined members of objects count as absent. Data that
 * was saved is never changed afterwards, so snapshots can share parts.
 */
export type State = undefined | null | boolean | number | bigint | string | Uint8Array | readonly State[] | StateObject

interface StateObject {
  readonly [name: string]: State
}

/**
 * A block whose state can be saved, and put back into a block that was built the same way. Restoring drives no wires and
 * calls nobody: whoever is at their other end restores its own side. Events that were pending are resumed at their
 * very place in time (`EventQueue.resume`).
 */
export interface Saveable {
  save(): State
  restore(state: State): void
}
