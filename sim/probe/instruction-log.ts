/** Kinds of memory access, in bits beside the number of bytes. */
export const ACCESS_BYTES = 7
export const ACCESS_LOAD = 8
export const ACCESS_STORE = 16

/** A control register that an instruction wrote. */
export interface ControlWrite {
  /** Index of the instruction's entry. */
  readonly entry: number
  readonly csr: number
  readonly value: number
}

/**
 * Instructions that retired one after the other, with nothing between them but events that say so; arrays of columns,
 * so that following every instruction costs little. Entries are only valid while they are handed out.
 */
export class InstructionLog {
  static readonly CAPACITY = 1 << 12
  /** Entries in use. */
  count = 0
  /** Registers before the first entry. From one entry to the next only destinations change. */
  readonly registers = new Int32Array(32)
  /** No further entry may come: something else has changed registers. */
  sealed = false
  readonly pc = new Uint32Array(InstructionLog.CAPACITY)
  /** The encoding; 16 bits of it for a compressed one. */
  readonly raw = new Uint32Array(InstructionLog.CAPACITY)
  /** Cycle in which it began; the entry after the last tells when that one was done. */
  readonly began = new Float64Array(InstructionLog.CAPACITY + 1)
  /** Mode in which it ran: 0 user, 3 machine. */
  readonly privilege = new Uint8Array(InstructionLog.CAPACITY)
  /** Number of its destination register; 0 when it has none. */
  readonly destination = new Uint8Array(InstructionLog.CAPACITY)
  /** New value of the destination register. */
  readonly result = new Int32Array(InstructionLog.CAPACITY)
  /** Bytes accessed, with ACCESS_LOAD or ACCESS_STORE or both; 0 without an access, and in entries not in use. */
  readonly access = new Uint8Array(InstructionLog.CAPACITY)
  readonly address = new Uint32Array(InstructionLog.CAPACITY)
  /** What it stored, zero-extended. */
  readonly stored = new Uint32Array(InstructionLog.CAPACITY)
  readonly controls: ControlWrite[] = []

  /** Entries that may still come. */
  get room(): number {
    return this.sealed ? 0 : InstructionLog.CAPACITY - this.count
  }

  /** Value of a register before entry `i`. */
  registerBefore(i: number, register: number): number {
    if (register === 0) return 0
    for (let at = i - 1; at >= 0; at--) if (this.destination[at] === register) return this.result[at]!
    return this.registers[register]!
  }

  clear(): void {
    this.access.fill(0, 0, this.count)
    this.count = 0
    this.sealed = false
    this.controls.length = 0
  }
}
