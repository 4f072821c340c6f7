import { FunctionBody } from './wasm/function-body.ts'
import { encodeModule } from './wasm/module.ts'

/** Calls that may nest in translated code: bounds the host's stack. */
const MOST_DEPTH = 400

/** The types of every module here: translated functions, and the dispatcher. */
export const TYPES = [
  { parameters: 2, results: 2 },
  { parameters: 2, results: 1 },
] as const
export const REGION_TYPE = 0
const DISPATCHER_TYPE = 1

export interface DispatcherOptions {
  readonly memory: { readonly base: number; readonly size: number }
  /** Offsets in the host memory: the entry table, and where the budget left is stored. */
  readonly entries: number
  readonly budget: number
}

/** (function, budget) -> where execution goes on: an exit's code, or an address for which there is no function. */
export type Dispatch = (slot: number, budget: number) => number

/** A module whose `dispatch` goes from function to function as long as jumps by register lead to translated code. */
export function dispatcherModule({ memory, entries, budget }: DispatcherOptions): Uint8Array<ArrayBuffer> {
  const slot = 0
  const left = 1
  const body = new FunctionBody(2)
  const next = body.local()
  const entry = body.local()
  const leave = body.block()
  const loop = body.loop()
  body.get(left)
  body.const(MOST_DEPTH)
  body.get(slot)
  body.callIndirect(REGION_TYPE)
  body.set(left)
  body.tee(next)
  body.const(1)
  body.op('i32.and')
  body.brIf(leave)
  body.get(next)
  body.const(memory.base | 0)
  body.op('i32.sub')
  body.tee(entry)
  body.const(memory.size)
  body.op('i32.ge_u')
  body.brIf(leave)
  body.get(entry)
  body.const(1)
  body.op('i32.shl')
  body.access('i32.load', entries)
  body.tee(entry)
  body.op('i32.eqz')
  body.brIf(leave)
  body.get(left)
  body.get(entry)
  body.const(16)
  body.op('i32.shr_u')
  body.op('i32.sub')
  body.set(left)
  body.get(entry)
  body.const(0xffff)
  body.op('i32.and')
  body.set(slot)
  body.br(loop)
  body.end()
  body.end()
  body.const(0)
  body.get(left)
  body.access('i32.store', budget)
  body.get(next)
  return encodeModule({ types: TYPES, functions: [{ type: DISPATCHER_TYPE, body: body.finish(), name: 'dispatch' }] })
}
