import type { AccessSize } from '../bus/device.ts'
import { Memory } from '../bus/memory.ts'
import type { Machine } from '../machine.ts'
import { writeRegister } from './registers.ts'

/** Something done to a machine from outside; data, so that it can be done again. */
export type Intervention =
  | { readonly kind: 'memory'; readonly address: number; readonly bytes: Uint8Array }
  | { readonly kind: 'register'; readonly number: number; readonly value: number }
  | { readonly kind: 'input'; readonly bytes: Uint8Array }
  | { readonly kind: 'end of input' }

/** Does it; false when the machine has no such place. */
export function intervene(machine: Machine, intervention: Intervention): boolean {
  switch (intervention.kind) {
    case 'memory':
      return writeBus(machine, intervention.address, intervention.bytes)
    case 'register':
      return writeRegister(machine.hart, intervention.number, intervention.value)
    case 'input':
      machine.input.push(intervention.bytes)
      return true
    case 'end of input':
      machine.input.end()
      return true
  }
}

/**
 * Bytes at an address, or undefined when something there does not answer. Reading a device leaves no trace: the machine
 * is put back into the state before.
 */
export function peek(machine: Machine, address: number, length: number): Uint8Array | undefined {
  const memory = machine.bus.memoryAt(address, length)
  if (memory !== undefined) return memory.bytes.slice(address - memory.base, address - memory.base + length)
  if (machine.bus.find(address, 1)?.device instanceof Memory) return undefined
  const before = machine.save()
  const bytes = new Uint8Array(length)
  const answered = readDevice(machine, address, bytes)
  machine.restore(before)
  return answered ? bytes : undefined
}

function readDevice(machine: Machine, address: number, into: Uint8Array): boolean {
  const size = widthOf(address, into.length)
  for (let at = 0; at < into.length; at += size) {
    const value = machine.bus.read(address + at, size)
    if (value === undefined) return false
    for (let i = 0; i < size; i++) into[at + i] = value >>> (8 * i)
  }
  return true
}

function writeBus(machine: Machine, address: number, bytes: Uint8Array): boolean {
  const memory = machine.bus.memoryAt(address, bytes.length)
  if (memory !== undefined) {
    memory.writeBytes(address - memory.base, bytes)
    return true
  }
  const size = widthOf(address, bytes.length)
  for (let at = 0; at < bytes.length; at += size) {
    let value = 0
    for (let i = size - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!
    if (!machine.bus.write(address + at, size, value)) return false
  }
  return bytes.length > 0
}

/** The widest accesses that cover a range: registers of most devices answer to words only. */
function widthOf(address: number, length: number): AccessSize {
  if ((address | length) % 4 === 0) return 4
  return (address | length) % 2 === 0 ? 2 : 1
}
