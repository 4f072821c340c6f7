/**
 * Values in registers that nobody has written. As in memory checkers for programs, copying, shifting and masking them is no
 * finding, nor is computing early what is masked away later. Using them is: a branch or an address that depends on them,
 * and a device or memory outside of stacks that gets what was computed with them. Only values of which no byte was written
 * count, so that padding does no harm.
 */
import type { Decoded, Decoder } from '../cpu/decoder.ts'
import type { InstructionLog } from '../probe/instruction-log.ts'
import { NEVER } from './access-records.ts'
import type { HartSite } from './ring-order.ts'
import { byteText, type Surroundings } from './surroundings.ts'
import { isBranchOpen, type Operand, resultOf } from './undefined-bits.ts'

/** A load of bytes that mean nothing. */
interface Origin {
  readonly address: number
  /** Record of who made the first of them mean nothing. */
  readonly writer: number
  readonly site: HartSite
  /** Once is enough, wherever the value has gone. */
  reported: boolean
}

interface Unwritten {
  readonly origin: Origin
  /** The bits that mean nothing. */
  readonly bits: number
  /** Whether no byte that was loaded means anything. */
  readonly whole: boolean
  /** Whether more was done than to copy, shift and mask. */
  readonly computed: boolean
}

/** A load that meets bytes that mean nothing. */
export interface UnwrittenLoad extends Omit<Origin, 'reported'> {
  readonly bytes: number
  /** Those bytes, one bit each. */
  readonly mask: number
}

export class UnwrittenValues {
  private readonly surroundings: Surroundings
  private readonly decoder: Decoder
  private readonly isStack: (address: number) => boolean
  private readonly registers: (Unwritten | undefined)[] = new Array(32)
  private count = 0
  /** Those that were stored, by address: whoever loads them there is told of where they come from. */
  private readonly copies = new Map<number, Unwritten>()

  constructor(surroundings: Surroundings, decoder: Decoder, isStack: (address: number) => boolean) {
    this.surroundings = surroundings
    this.decoder = decoder
    this.isStack = isStack
  }

  /** Whether any register holds one. */
  get any(): boolean {
    return this.count !== 0
  }

  /** Follows them through entry `i`, but for its own access. */
  flow(log: InstructionLog, i: number, caller: number): void {
    const decoded = this.decoder.decode(log.raw[i]!)
    if (decoded === undefined) return
    const { row, rs1, rs2, rd } = decoded
    const first = readsFirst(row.format) ? this.get(rs1) : undefined
    const second = row.format === 'R' || row.format === 'B' ? this.get(rs2) : undefined
    const value = first ?? second
    const result = value && (moved(decoded) ? value : this.effect(decoded, log, i, caller))
    if (rd !== 0) this.set(rd, result)
  }

  private effect(decoded: Decoded, log: InstructionLog, i: number, caller: number): Unwritten | undefined {
    const { row, rs1, rs2, imm } = decoded
    const operand = (register: number): Operand => ({
      value: log.registerBefore(i, register),
      bits: this.wholeOf(register)?.bits ?? 0,
    })
    const [first, second] = [this.wholeOf(rs1), this.wholeOf(rs2)]
    const site = { pc: log.pc[i]!, caller, at: log.began[i]! }
    switch (row.format) {
      case 'load':
      case 'S':
      case 'jalr':
      case 'atomic':
      case 'reserve':
        if (first !== undefined) this.use(first, site)
        return undefined
      case 'B':
        if (isBranchOpen(row.name, operand(rs1), operand(rs2))) this.use((first ?? second)!, site)
        return undefined
      case 'R':
      case 'I':
      case 'shift': {
        const other = row.format === 'R' ? operand(rs2) : { value: imm, bits: 0 }
        const result = resultOf(row.name, operand(rs1), other)
        const from = first ?? (row.format === 'R' ? second : undefined)
        if (result === undefined || result.bits === 0 || from === undefined) return undefined
        return { ...from, bits: result.bits, computed: result.computed || from.computed }
      }
      default:
        return undefined
    }
  }

  /** Register `destination` was loaded; without `from` all its bytes mean something. */
  load(destination: number, from: UnwrittenLoad | undefined, raw: number): void {
    if (destination === 0) return
    if (from === undefined) this.set(destination, undefined)
    else this.set(destination, this.loaded(from, this.decoder.decode(raw)?.row.name ?? ''))
  }

  private loaded({ bytes, mask, address, writer, site }: UnwrittenLoad, name: string): Unwritten {
    const width = bytes === 4 ? -1 : (1 << (8 * bytes)) - 1
    const copy = writer === NEVER ? this.copies.get(address) : undefined
    const same = copy !== undefined && bytesWithout(copy.bits, bytes) === mask
    const bits = same ? copy.bits & width : bitsOf(mask)
    const isSigned = name === 'lb' || name === 'lh'
    return {
      origin: copy?.origin ?? { address, writer, site, reported: false },
      bits: isSigned && (bits & (1 << (8 * bytes - 1))) !== 0 ? bits | ~width : bits,
      whole: same ? copy.whole : bitsOf(mask) === width,
      computed: same && copy.computed,
    }
  }

  /**
   * A store by an instruction; without an address to a device.
   * @returns the bytes that it makes mean nothing, one bit each
   */
  store(raw: number, bytes: number, address: number | undefined, site: HartSite): number {
    const register = this.decoder.decode(raw)?.rs2 ?? 0
    const value = this.get(register)
    if (value === undefined) return 0
    const isOut = address === undefined || (value.computed && !this.isStack(address))
    if (isOut && value.whole) this.use(value, site)
    if (address === undefined || value.origin.reported) return 0
    this.copies.set(address, value)
    return bytesWithout(value.bits, bytes)
  }

  private use({ origin }: Unwritten, by: HartSite): void {
    const { findings, places, memories } = this.surroundings
    const { address, site, writer } = origin
    origin.reported = true
    const user = places.hart('use of the value by the hart', by)
    const message = `the hart loads ${byteText(this.surroundings, address)}, which nobody has written${places.sinceText(memories.records, writer)}, and uses it; initialise it first`
    findings.add('uninitialised-load', site.at, message, places.hart('load by the hart', site), user)
  }

  private get(register: number): Unwritten | undefined {
    const value = this.registers[register]
    if (value?.origin.reported !== true) return value
    this.set(register, undefined)
    return undefined
  }

  private wholeOf(register: number): Unwritten | undefined {
    const value = this.get(register)
    return value?.whole === true ? value : undefined
  }

  private set(register: number, value: Unwritten | undefined): void {
    const before = this.registers[register]
    if (before === value) return
    this.registers[register] = value
    this.count += Number(value !== undefined) - Number(before !== undefined)
  }
}

function readsFirst(format: string): boolean {
  return format !== 'U' && format !== 'J' && format !== 'none' && format !== 'csr' && format !== 'csri'
}

/** `mv`, which is `addi` with nothing or, compressed, `add` to nothing. */
function moved({ row, rs1, imm }: Decoded): boolean {
  return (row.name === 'addi' && imm === 0) || (row.name === 'add' && rs1 === 0)
}

/** Bytes of a value of which no bit means anything, one bit each. */
function bytesWithout(bits: number, bytes: number): number {
  let mask = 0
  for (let byte = 0; byte < bytes; byte++) if (((bits >>> (8 * byte)) & 0xff) === 0xff) mask |= 1 << byte
  return mask
}

/** All bits of bytes. */
function bitsOf(mask: number): number {
  let bits = 0
  for (let byte = 0; byte < 4; byte++) if (((mask >>> byte) & 1) !== 0) bits |= 0xff << (8 * byte)
  return bits
}
