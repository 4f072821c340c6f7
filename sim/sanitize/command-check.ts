import type { Region } from '../accel/description.ts'
import type { CommandPlace } from '../accel/listener.ts'
import { FENCE, FETCH, FIRST_UNIT, HART_LOAD, HART_STORE } from './access-records.ts'
import type { Side } from './finding.ts'
import type { Findings } from './findings.ts'
import type { HartCode } from './hart-code.ts'
import type { Kind } from './kinds.ts'
import type { Memories } from './memories.ts'
import type { FinishedTensor } from './network-check.ts'
import { hex, type Places } from './places.ts'
import type { CommandInfo, Doorbell, RingOrder, TrackedCommand } from './ring-order.ts'
import { eachRun, endOf } from './runs.ts'
import type { Shadow, ShadowAccess, ShadowJudge } from './shadow.ts'
import type { Surroundings } from './surroundings.ts'

/** What a command is about to do to memory. */
interface Deed {
  readonly side: Side
  readonly doorbell: Doorbell
  readonly writes: boolean
  readonly actor: number
  readonly info: CommandInfo | undefined
  readonly at: number
}

/** Compares what commands read and write with what units and hart did before. */
export class CommandCheck {
  private readonly findings: Findings
  private readonly places: Places
  private readonly memories: Memories
  private readonly order: RingOrder
  private readonly slotBytes: number
  private readonly code: HartCode
  /** Doorbells that were reported for a missing fence: once is enough. */
  private readonly unfenced = new Set<Doorbell>()

  constructor({ findings, places, memories }: Surroundings, order: RingOrder, code: HartCode, slotBytes: number) {
    this.findings = findings
    this.places = places
    this.memories = memories
    this.order = order
    this.slotBytes = slotBytes
    this.code = code
  }

  /** The front end has read a slot of the ring. */
  fetched(place: CommandPlace, at: number): void {
    const { doorbell, position } = this.order.fetched(place)
    const shadow = this.memories.busAt(place.address)
    if (shadow === undefined) return
    const { records } = this.memories
    // Records of the front end have the doorbell's instruction: the command is not decoded yet.
    const record = records.add(FETCH, position, doorbell.pc, at)
    records.caller[record] = place.index
    const side = this.places.hart(`fetch of command ${place.index}`, doorbell)
    this.checkRing(place, at, side)
    const deed = { side: { ...side, at }, doorbell, writes: false, actor: FETCH, info: undefined, at }
    const access = { record, actor: FETCH, clock: doorbell.clock }
    shadow.read(place.address, this.slotBytes, access, this.judge(deed, shadow, 'uninitialised-command'))
  }

  /** A ring that begins in a variable stays in it. */
  private checkRing({ address, index }: CommandPlace, at: number, side: Side): void {
    const object = this.places.objectAt(this.order.base)
    if (object === undefined || address + this.slotBytes <= object.address + object.size) return
    const message = `the front end fetches command ${index} behind the end of ${object.name}, in which RING_BASE is; correct RING_SIZE, which counts commands, or the doorbell`
    this.findings.add('outside-object', at, message, side)
  }

  /** The effect of a command has become visible. */
  finished({ command, info, actor, position, clock }: TrackedCommand, at: number): void {
    const record = this.memories.records.add(actor, position, info.number, at)
    const access: ShadowAccess = { record, actor, clock }
    for (const region of command.regions) {
      const shadow = this.memories.regionShadow(region.memory, region.start)
      if (shadow === undefined) continue
      this.checkPlace(region, actor, info, at)
      const writes = region.access === 'write'
      const side = { ...this.places.command(info, this.touchText(region)), at }
      const deed = { side, doorbell: info.doorbell, writes, actor, info, at }
      const judge = this.judge(deed, shadow, region.memory === 'ram' ? 'uninitialised-ram' : 'uninitialised-scratchpad')
      eachRun(region, (start, bytes) => {
        if (writes) shadow.write(start, bytes, access, judge)
        else shadow.read(start, bytes, access, judge)
      })
    }
    for (const tensor of this.places.network?.finishedBy(info) ?? []) this.checkComplete(tensor, info, at)
  }

  private touchText(region: Region): string {
    const verb = region.access === 'read' ? 'reads' : 'writes'
    const where = region.memory === 'ram' ? this.places.addressText(region.start) : hex(region.start)
    return `that ${verb} ${region.memory} from ${where} to ${hex(endOf(region) - 1)}`
  }

  private checkPlace(region: Region, actor: number, info: CommandInfo, at: number): void {
    const inRam = region.memory === 'ram'
    const side = () => ({ ...this.places.command(info, this.touchText(region)), at })
    if (inRam) this.checkObject(region, info, at)
    if (inRam && region.access === 'write' && this.code.isConstant(region.start)) {
      const message = `${info.name} (command ${info.index}) writes ${this.places.addressText(region.start)}, which is constant; in ROM or flash that is lost`
      this.findings.add('write-to-constant', at, message, side())
    }
    const outside = actor === FENCE ? undefined : this.places.network?.outside(region, info)
    if (outside === undefined) return
    const message = `${info.name} (command ${info.index}) ${this.touchText(region).slice('that '.length)}, but ${outside}; correct ${fieldText(region)}`
    this.findings.add('outside-tensor', at, message, side())
  }

  /** When a layer ends, its commands have written every byte of what it makes. */
  private checkComplete(tensor: FinishedTensor, info: CommandInfo, at: number): void {
    const shadow = this.memories.regionShadow(tensor.memory, tensor.address)
    if (shadow === undefined) return
    const { records } = this.memories
    const writerOf = (address: number) => {
      const record = shadow.writerOf(address)
      return records.actor[record]! < FIRST_UNIT ? undefined : this.order.commands[records.origin[record]!]
    }
    const made = (address: number) => {
      const writer = writerOf(address)
      return writer !== undefined && writer.stream === info.stream && tensor.isMadeBy(writer) ? writer : undefined
    }
    let missing = 0
    let first = tensor.address
    const end = tensor.address + tensor.bytes
    for (let address = tensor.address; address < end; address++)
      if (made(address) === undefined && missing++ === 0) first = address
    if (missing === 0) return
    const { layer } = tensor
    const message = `layer ${layer.index} (${layer.op}) ends, but its commands have not written ${missing} of the ${tensor.bytes} bytes of its output ${tensor.name}, the first at ${this.byteText(shadow, first, undefined)}; correct the addresses, counts or strides of what they write`
    const beside = (first > tensor.address && made(first - 1)) || (first + missing < end && made(first + missing))
    const neighbour = beside ? { ...this.places.command(beside, 'that writes the bytes beside them') } : undefined
    this.findings.add('output-incomplete', at, message, { ...this.places.command(info), at }, neighbour)
  }

  /** A transfer that begins in a variable stays in it. */
  private checkObject(region: Region, info: CommandInfo, at: number): void {
    const object = this.places.objectAt(region.start)
    if (object === undefined || endOf(region) <= object.address + object.size) return
    const over = endOf(region) - object.address - object.size
    const message = `${info.name} (command ${info.index}) ${region.access}s ${over} bytes behind the end of ${object.name}; correct its address, counts or strides${region.field === undefined ? '' : ` (field ${region.field})`}`
    this.findings.add('outside-object', at, message, this.places.command(info, this.touchText(region)))
  }

  private judge(deed: Deed, shadow: Shadow, unwritten: Kind): ShadowJudge {
    return {
      unwritten: (address) => {
        const what =
          deed.info === undefined ? 'the front end fetches' : `${deed.info.name} (command ${deed.info.index}) reads`
        const since = this.places.sinceText(this.memories.records, shadow.writerOf(address))
        const message = `${what} ${this.byteText(shadow, address, deed.info)}, which nobody has written${since}; write it before, or correct the address`
        this.findings.add(unwritten, deed.at, message, deed.side)
      },
      from: this.places.network && ((writer, address) => this.checkStale(deed, writer, shadow, address)),
      conflict: (earlier, address, earlierWrote) =>
        this.conflict(deed, earlier, this.byteText(shadow, address, deed.info), earlierWrote),
    }
  }

  private checkStale(deed: Deed, writer: number, shadow: Shadow, address: number): void {
    const { records } = this.memories
    if (deed.info === undefined || records.actor[writer]! < FIRST_UNIT) return
    const other = this.order.commands[records.origin[writer]!]!
    const memory = this.isScratchpad(shadow) ? shadow.name : 'ram'
    const why = this.places.network?.stale(deed.info, other, memory, address)
    if (why === undefined) return
    const byte = this.byteText(shadow, address, deed.info)
    const message = `${deed.info.name} (command ${deed.info.index}) reads ${byte}, but ${why}; load it first, or correct the address`
    const first = { ...this.places.command(other, `that writes ${byte}`), at: records.at[writer]! }
    this.findings.add('stale-read', deed.at, message, first, deed.side)
  }

  private isScratchpad(shadow: Shadow): boolean {
    return this.memories.scratchpads.get(shadow.name) === shadow
  }

  /** @param command whose name for the place counts */
  private byteText(shadow: Shadow, address: number, command: CommandInfo | undefined): string {
    if (!this.isScratchpad(shadow)) return this.places.addressText(address)
    const name = command && this.places.network?.nameOf(command, shadow.name, address)
    return `${shadow.name} ${hex(address)}${name === undefined ? '' : ` (${name})`}`
  }

  private conflict(deed: Deed, earlier: number, byte: string, earlierWrote: boolean): void {
    const { records } = this.memories
    const actor = records.actor[earlier]!
    if (actor === HART_STORE || actor === HART_LOAD) this.conflictWithHart(deed, earlier, byte)
    else if (actor === FETCH) {
      const fetch = {
        what: `fetch of command ${records.caller[earlier]}`,
        pc: records.origin[earlier]!,
        at: records.at[earlier]!,
      }
      const message = `${byte} is part of a command in the ring and is overwritten while the front end may still fetch it; keep data and ring apart`
      this.findings.add('descriptor-changed', deed.at, message, fetch, deed.side)
    } else
      this.conflictOfCommands(
        deed,
        this.order.commands[records.origin[earlier]!]!,
        records.at[earlier]!,
        byte,
        earlierWrote,
      )
  }

  private conflictWithHart(deed: Deed, earlier: number, byte: string): void {
    const { records } = this.memories
    const stored = records.actor[earlier] === HART_STORE
    const returned = records.garbage[earlier] === 1
    const site = { pc: records.origin[earlier]!, caller: records.caller[earlier]!, at: records.at[earlier]! }
    const hart = this.places.hart(`${returned ? 'return' : stored ? 'store' : 'load'} by the hart`, site)
    const unfenced = stored && records.clock[earlier]! <= deed.doorbell.rung
    if (unfenced && (returned || this.unfenced.has(deed.doorbell))) return
    if (unfenced) this.unfenced.add(deed.doorbell)
    const [kind, message] = unfenced
      ? ([
          'doorbell-without-fence',
          `${byte} is stored before the doorbell, but no fence stands between them, so the accelerator may not see it; put "fence w, o" before the write of RING_TAIL`,
        ] as const)
      : returned
        ? ([
            'stack-left-early',
            `${hart.function ?? 'a function'} returns although the accelerator may still use ${byte} on its stack; wait for a fence of the stream first`,
          ] as const)
        : this.hartRace(deed, stored, byte)
    this.findings.add(kind, deed.at, message, hart, deed.side)
  }

  private hartRace({ actor, writes }: Deed, stored: boolean, byte: string): readonly [Kind, string] {
    if (actor === FETCH)
      return [
        'descriptor-changed',
        `${byte} belongs to a command that the doorbell has given to the accelerator; change a slot only when RING_HEAD says that it was fetched`,
      ]
    if (!stored)
      return [
        'output-read-early',
        `the hart reads ${byte} while the accelerator may still write it; wait for a fence of the stream first`,
      ]
    if (writes)
      return [
        'output-overwritten',
        `the hart and the accelerator both write ${byte}; wait for a fence of the stream first`,
      ]
    return [
      'input-changed-early',
      `the hart changes ${byte} while the accelerator may still read it; wait for a fence of the stream first`,
    ]
  }

  private conflictOfCommands(deed: Deed, other: CommandInfo, at: number, byte: string, otherWrote: boolean): void {
    const mine = deed.info!
    const side = { ...this.places.command(other, `that ${otherWrote ? 'writes' : 'reads'} ${byte}`), at }
    const [first, second] = other.number < mine.number ? [other, mine] : [mine, other]
    const [firstSide, secondSide] = first === other ? [side, deed.side] : [deed.side, side]
    const firstWrites = first === other ? otherWrote : deed.writes
    const secondWrites = second === other ? otherWrote : deed.writes
    const name = ({ name, index }: CommandInfo) => `${name} (command ${index})`
    const [kind, what]: [Kind, string] =
      firstWrites && secondWrites
        ? ['unordered-write', `${name(first)} and ${name(second)} write ${byte} in either order`]
        : firstWrites
          ? ['unordered-read', `${name(second)} may read ${byte} before ${name(first)} has written it`]
          : ['buffer-reused-early', `${name(second)} may overwrite ${byte} while ${name(first)} still reads it`]
    this.findings.add(
      kind,
      deed.at,
      `${what}: no token orders them; ${this.wayToOrder(first, second)}`,
      firstSide,
      secondSide,
    )
  }

  /** What is missing so that a command of one unit comes before one of another. */
  private wayToOrder(first: CommandInfo, second: CommandInfo): string {
    const gives = this.order.isAmong(second.unit, first.signals)
    const takes = this.order.isAmong(first.unit, second.waits)
    const signal = `command ${first.index} signal ${second.unit}`
    const wait = `command ${second.index} wait for ${first.unit}`
    if (!gives && !takes) return `let ${signal}, and ${wait}`
    if (!takes) return `command ${first.index} signals ${second.unit} already: let ${wait}`
    if (!gives)
      return `command ${second.index} waits for ${first.unit} already, but for the token of another: let ${signal}`
    return `command ${second.index} takes the token of another command of ${first.unit}: count those before it`
  }
}

/** Which field of a command makes it touch a region. */
const fieldText = ({ field }: Region) => (field === undefined ? 'the address' : `field ${field}`)
