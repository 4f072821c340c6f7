import { ByteWriter } from './byte-writer.ts'
import {
  type Access,
  access,
  control,
  EMPTY,
  I32,
  I32_CONST,
  I64_CONST,
  type Plain,
  plain,
  variable,
} from './opcodes.ts'

/** A label of an open block; branches name it and the depth follows from how many are open. */
export interface Label {
  readonly level: number
}

/** What a block leaves on the stack. */
export type BlockResult = 'none' | 'i32'

/** log2 of the bytes that each access touches: the alignment the engine may count on. */
const alignment: Record<Access, number> = {
  'i32.load': 2,
  'i32.load8_s': 0,
  'i32.load8_u': 0,
  'i32.load16_s': 1,
  'i32.load16_u': 1,
  'i32.store': 2,
  'i32.store8': 0,
  'i32.store16': 1,
}

/** Writes the instructions of one WebAssembly function. All its locals are i32. */
export class FunctionBody {
  private readonly code = new ByteWriter()
  private readonly parameters: number
  private locals = 0
  private level = 0

  /** @param parameters number of parameters: locals 0 and up */
  constructor(parameters: number) {
    this.parameters = parameters
  }

  /** Bytes written so far. */
  get size(): number {
    return this.code.length
  }

  /** Index of a new local, zero at first. */
  local(): number {
    return this.parameters + this.locals++
  }

  op(name: Plain): void {
    this.code.byte(plain[name])
  }

  const(value: number): void {
    this.code.byte(I32_CONST)
    this.code.signed(value)
  }

  const64(value: number): void {
    this.code.byte(I64_CONST)
    this.code.signed(value)
  }

  get(local: number): void {
    this.code.byte(variable.get)
    this.code.unsigned(local)
  }

  set(local: number): void {
    this.code.byte(variable.set)
    this.code.unsigned(local)
  }

  tee(local: number): void {
    this.code.byte(variable.tee)
    this.code.unsigned(local)
  }

  /** A load or store at the address on the stack plus `offset`. */
  access(name: Access, offset: number): void {
    this.code.byte(access[name])
    this.code.unsigned(alignment[name])
    this.code.unsigned(offset)
  }

  block(result: BlockResult = 'none'): Label {
    return this.open(control.block, result)
  }

  loop(): Label {
    return this.open(control.loop, 'none')
  }

  if(result: BlockResult = 'none'): Label {
    return this.open(control.if, result)
  }

  else(): void {
    this.op('else')
  }

  end(): void {
    this.op('end')
    this.level--
  }

  br(label: Label): void {
    this.branch(control.br, label)
  }

  brIf(label: Label): void {
    this.branch(control.br_if, label)
  }

  /** Goes to `labels[index]` for the index on the stack, to `otherwise` beyond their end. */
  brTable(labels: readonly Label[], otherwise: Label): void {
    this.code.byte(control.br_table)
    this.code.unsigned(labels.length)
    for (const label of [...labels, otherwise]) this.code.unsigned(this.level - label.level)
  }

  call(functionIndex: number): void {
    this.code.byte(control.call)
    this.code.unsigned(functionIndex)
  }

  /** Calls the function of table 0 whose index is on the stack. */
  callIndirect(typeIndex: number): void {
    this.code.byte(control.call_indirect)
    this.code.unsigned(typeIndex)
    this.code.byte(0)
  }

  /** Declarations of locals and the instructions: an entry of the code section, without its size. */
  finish(): Uint8Array {
    const out = new ByteWriter()
    out.byte(1)
    out.unsigned(this.locals)
    out.byte(I32)
    out.append(this.code.bytes)
    out.byte(plain.end)
    return out.bytes
  }

  private open(code: number, result: BlockResult): Label {
    this.code.byte(code)
    this.code.byte(result === 'i32' ? I32 : EMPTY)
    return { level: ++this.level }
  }

  private branch(code: number, label: Label): void {
    this.code.byte(code)
    this.code.unsigned(this.level - label.level)
  }
}
