import type { CompiledModel } from '../../compiler/compile.ts'
import { allocate, type TensorData } from '../../compiler/ir/dtype.ts'
import { elementCount, type TensorId, tensorOf } from '../../compiler/ir/graph.ts'
import { definitionOf, viewOf } from '../../compiler/ops/index.ts'
import type { Storage } from '../../compiler/schedule/program.ts'
import { CommandFormat } from '../../sim/accel/layout.ts'
import { AcceleratorModel } from '../../sim/accel/model.ts'
import { control } from '../../sim/accel/ring-registers.ts'
import { EventQueue } from '../../sim/events.ts'

const RAM_BASE = 0x8000_0000
const align = (value: number) => Math.ceil(value / 64) * 64

/**
 * Carries out a compiled model without firmware: the accelerator's model runs the command stream from a
 * plain RAM, the reference arithmetic stands in for the CPU's kernels. Fast enough for many random
 * networks, and strict: memory starts with garbage, so that what is not written is not read.
 */
export class PlanRunner {
  /** Cycles of the last run on the accelerator. */
  cycles = 0
  private readonly model: CompiledModel
  private readonly addresses = new Map<Storage, number>()
  private readonly ram: Uint8Array
  private readonly ring: number

  constructor(model: CompiledModel) {
    this.model = model
    const { memory, accelerator } = model
    for (const [storage, offset] of memory.offsetOf) this.addresses.set(storage, RAM_BASE + offset)
    let next = align(RAM_BASE + memory.arena.bytes)
    const constants: { at: number; bytes: Uint8Array }[] = []
    for (const { fields } of accelerator?.stream.commands ?? [])
      for (const value of Object.values(fields)) {
        if (typeof value === 'number' || this.addresses.has(value.storage)) continue
        const bytes = value.storage.data?.() ?? new Uint8Array(16 * model.layers.length)
        this.addresses.set(value.storage, next)
        constants.push({ at: next, bytes })
        next = align(next + bytes.length)
      }
    this.ring = next
    const commands = accelerator?.stream.commands ?? []
    this.ram = new Uint8Array(next - RAM_BASE + 64 * commands.length)
    for (const { at, bytes } of constants) this.ram.set(bytes, at - RAM_BASE)
    if (accelerator === undefined) return
    const format = new CommandFormat(accelerator.hardware.description)
    for (const [index, { name, fields, wait, signal }] of commands.entries()) {
      const settled = Object.entries(fields).map(([field, value]) => [
        field,
        typeof value === 'number' ? value : this.addresses.get(value.storage)! + value.offset,
      ])
      const values: Record<string, number> = { ...Object.fromEntries(settled), wait, signal }
      format.encode(name, values, this.ram, this.ring - RAM_BASE + index * format.bytes)
    }
  }

  run(inputs: readonly TensorData[]): TensorData[] {
    const { graph, accelerator } = this.model
    this.ram.fill(0xa7, 0, this.model.memory.arena.bytes)
    for (const [i, id] of graph.inputs.entries()) this.bytes(id).set(bytesOf(inputs[i]!))
    const events = new EventQueue()
    const { block, write } = accelerator === undefined ? {} : this.attach(events)
    const steps =
      accelerator?.stream.steps ?? this.model.layers.flatMap(({ on, index }) => (on === 'cpu' ? [index] : []))
    for (const step of steps) {
      if (typeof step === 'number') this.onCpu(step)
      else if (step.kind === 'cpu') this.onCpu(step.layer)
      else {
        write!('RING_TAIL', step.end)
        while (events.next < Number.POSITIVE_INFINITY) events.advanceTo(events.next)
        const stuck = block!.waitingFor()
        if (stuck !== undefined) throw new Error(stuck)
      }
    }
    this.cycles = events.now
    return graph.outputs.map((id) => this.read(id))
  }

  /** Value of a tensor that lies in RAM. */
  read(id: TensorId): TensorData {
    const { dtype, shape } = tensorOf(this.model.graph, id)
    const data = allocate(dtype, elementCount(shape))
    bytesOf(data).set(this.bytes(id).subarray(0, data.byteLength))
    return data
  }

  private attach(events: EventQueue) {
    const { description, parameters } = this.model.accelerator!.hardware
    const inside = (address: number, length: number) =>
      address >= RAM_BASE && address + length <= RAM_BASE + this.ram.length
    const bus = {
      read: (address: number, into: Uint8Array) => {
        if (inside(address, into.length))
          into.set(this.ram.subarray(address - RAM_BASE, address - RAM_BASE + into.length))
        return inside(address, into.length)
      },
      write: (address: number, from: Uint8Array) => {
        if (inside(address, from.length)) this.ram.set(from, address - RAM_BASE)
        return inside(address, from.length)
      },
    }
    const block = new AcceleratorModel(description, parameters, { events, bus, interrupt: { set: () => {} } })
    for (const memory of Object.values(block.memories)) memory.fill(0x33)
    const write = (name: string, value: number) =>
      block.write(description.registers.find((register) => register.name === name)!.offset, 4, value)
    write('CONTROL', control.enable)
    write('RING_SIZE', this.model.accelerator!.stream.commands.length)
    write('RING_BASE', this.ring)
    return { block, write }
  }

  private onCpu(index: number): void {
    const { graph, layers } = this.model
    for (const operator of layers[index]!.operators) {
      const definition = definitionOf(operator.kind)
      const value = (id: TensorId) => tensorOf(graph, id).data ?? this.read(id)
      const outputs = operator.outputs.map((id) => this.read(id))
      definition.evaluate(definition.parameters(viewOf(graph, operator)), operator.inputs.map(value), outputs)
      for (const [i, id] of operator.outputs.entries()) this.bytes(id).set(bytesOf(outputs[i]!))
    }
  }

  private bytes(id: TensorId): Uint8Array {
    const { roots, memory } = this.model
    const storage = memory.storages.find(({ tensor }) => tensor === roots[id])!
    const from = memory.offsetOf.get(storage)!
    return this.ram.subarray(from, from + storage.bytes)
  }
}

function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
