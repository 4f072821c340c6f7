/**
 * Debug triggers that firmware arms itself: Sdtrig of the RISC-V debug specification 1.0, chapter 5. Four address
 * triggers of types mcontrol (2, as of 0.13) and mcontrol6, which raise a breakpoint exception before the instruction
 * that executes at, loads from or stores to the address. In machine mode they fire while tcontrol.mte is set: traps
 * clear it (section 5.4, second solution). Left out: other actions and types, chains, comparisons of data or order,
 * tdata3.
 */
import { MACHINE, type Privilege, USER } from './pmp.ts'
import { cause, type Trap } from './trap.ts'

const TRIGGERS = 4

/** What a trigger looks at: bits of tdata1, and the same as those of PMP rights. */
export const TRIGGER_LOAD = 1
export const TRIGGER_STORE = 2
export const TRIGGER_EXECUTE = 4
const ACCESSES = TRIGGER_LOAD | TRIGGER_STORE | TRIGGER_EXECUTE

const USER_MODE = 1 << 3
const MACHINE_MODE = 1 << 6
const NAPOT = 1 << 7
const MATCH = 0xf << 7
const SIZE_SHIFT = 16
const TYPE_SHIFT = 28

const LEGACY = 2
const CURRENT = 6
const DISABLED = 15
const VERSION_1 = 1 << 24

interface TriggerType {
  /** Bits that say the same whatever firmware writes. */
  readonly fixed: number
  /** Set when the trigger has fired. */
  readonly hit: number
  /** Field of the access size: any, 1, 2 or 4 bytes. */
  readonly size: number
}

/** NAPOT ranges may have up to 2^31 bytes: maskmax. */
const types: Readonly<Record<number, TriggerType>> = {
  [LEGACY]: { fixed: 31 << 21, hit: 1 << 20, size: 3 << SIZE_SHIFT },
  [CURRENT]: { fixed: 0, hit: 1 << 22, size: 7 << SIZE_SHIFT },
}

/** Bits of tcontrol. */
const MTE = 1 << 3
const MPTE = 1 << 7

/** A trigger that can fire in one mode. */
interface Armed {
  readonly index: number
  readonly accesses: number
  /** Addresses from `from` up to, not including, `end`. */
  readonly from: number
  readonly end: number
  /** Size of access or instruction; undefined for any. */
  readonly bytes: number | undefined
}

const NONE: readonly Armed[] = []

export class Triggers {
  /** Those that can fire at present; the same list as long as nothing changes. */
  armed: readonly Armed[] = NONE
  /** tselect */
  private selected = 0
  /** tcontrol */
  private controlBits = 0
  private readonly tdata1 = new Int32Array(TRIGGERS).fill(DISABLED << TYPE_SHIFT)
  private readonly tdata2 = new Int32Array(TRIGGERS)
  private byMode: Readonly<Record<Privilege, readonly Armed[]>> = { [USER]: NONE, [MACHINE]: NONE }

  save() {
    const { selected, controlBits, tdata1, tdata2 } = this
    return { selected, control: controlBits, tdata1: [...tdata1], tdata2: [...tdata2] }
  }

  restore({ selected, control, tdata1, tdata2 }: ReturnType<Triggers['save']>): void {
    this.selected = selected
    this.controlBits = control
    this.tdata1.set(tdata1)
    this.tdata2.set(tdata2)
    this.change()
  }

  /** Follows a change of mode or of tcontrol. */
  update(mode: Privilege): void {
    const fires = mode === USER || (this.controlBits & MTE) !== 0
    this.armed = fires ? this.byMode[mode] : NONE
  }

  get select(): number {
    return this.selected
  }

  /** Numbers without a trigger leave it as it is. */
  set select(index: number) {
    if (index >>> 0 < TRIGGERS) this.selected = index
  }

  get control(): number {
    return this.controlBits
  }

  set control(value: number) {
    this.controlBits = value & (MTE | MPTE)
  }

  /** tinfo: the types and the version of the specification. */
  get info(): number {
    return VERSION_1 | (1 << LEGACY) | (1 << CURRENT) | (1 << DISABLED)
  }

  get data1(): number {
    return this.tdata1[this.selected]!
  }

  set data1(value: number) {
    this.tdata1[this.selected] = legalData1(value)
    this.change()
  }

  get data2(): number {
    return this.tdata2[this.selected]!
  }

  set data2(value: number) {
    this.tdata2[this.selected] = value
    this.change()
  }

  /** A trap to machine mode: triggers wait until its handler is done. */
  enterHandler(): void {
    this.controlBits = (this.controlBits & MTE) !== 0 ? MPTE : 0
  }

  leaveHandler(): void {
    this.controlBits = (this.controlBits & MPTE) !== 0 ? MPTE | MTE : 0
  }

  /**
   * The breakpoint exception of an access, when a trigger fires; its address is the first one that matched.
   * @param accesses what is done, all at once
   */
  fire(accesses: number, address: number, bytes: number): Trap | undefined {
    let value: number | undefined
    for (const armed of this.armed) {
      if (!matches(armed, accesses, address, bytes)) continue
      this.tdata1[armed.index]! |= types[this.tdata1[armed.index]! >>> TYPE_SHIFT]!.hit
      value ??= Math.max(address, armed.from)
    }
    return value === undefined ? undefined : { cause: cause.breakpoint, value }
  }

  private change(): void {
    this.byMode = { [USER]: this.armedBy(USER_MODE), [MACHINE]: this.armedBy(MACHINE_MODE) }
  }

  private armedBy(mode: number): readonly Armed[] {
    const armed = Array.from({ length: TRIGGERS }, (_, index) => index)
      .filter((index) => (this.tdata1[index]! & mode) !== 0 && (this.tdata1[index]! & ACCESSES) !== 0)
      .map((index) => armedTrigger(index, this.tdata1[index]!, this.tdata2[index]!))
    return armed.length === 0 ? NONE : armed
  }
}

/** tdata1 as it is stored (WARL): disabled when the type is not there; zero for what is not there of the others. */
function legalData1(value: number): number {
  const number = value >>> TYPE_SHIFT
  const type = types[number]
  if (type === undefined) return DISABLED << TYPE_SHIFT
  const size = (value & type.size) >>> SIZE_SHIFT <= 3 ? value & type.size : 0
  const match = (value & MATCH) === NAPOT ? NAPOT : 0
  const kept = value & (type.hit | USER_MODE | MACHINE_MODE | ACCESSES)
  return (number << TYPE_SHIFT) | type.fixed | size | match | kept
}

function armedTrigger(index: number, data1: number, data2: number): Armed {
  const size = (data1 >>> SIZE_SHIFT) & 3
  // Ones at the end of tdata2, and the zero above them, are not compared.
  const ignored = (data1 & MATCH) === NAPOT ? (data2 ^ (data2 + 1)) >>> 0 : 0
  const from = (data2 & ~ignored) >>> 0
  return {
    index,
    accesses: data1 & ACCESSES,
    from,
    end: from + ignored + 1,
    bytes: size === 0 ? undefined : 1 << (size - 1),
  }
}

/** Loads and stores match with any of their bytes, an instruction with its first. */
function matches(armed: Armed, accesses: number, address: number, bytes: number): boolean {
  if ((armed.accesses & accesses) === 0 || (armed.bytes ?? bytes) !== bytes) return false
  const length = accesses === TRIGGER_EXECUTE ? 1 : bytes
  return address < armed.end && address + length > armed.from
}
