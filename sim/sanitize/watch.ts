import type { IssuedCommand } from '../accel/listener.ts'
import { resolveParameters } from '../accel/resolve-parameters.ts'
import { irq } from '../accel/ring-registers.ts'
import { Decoder } from '../cpu/decoder.ts'
import { parseIsa } from '../cpu/isa.ts'
import { debugInfo } from '../debug-info/debug-info.ts'
import type { ElfImage } from '../elf/image.ts'
import { ACCESS_STORE, type InstructionLog } from '../probe/instruction-log.ts'
import type { DeviceAccess } from '../probe/probe.ts'
import { type AcceleratorBlock, findBlock } from '../soc/description.ts'
import { CommandCheck } from './command-check.ts'
import type { Findings } from './findings.ts'
import { HartCode } from './hart-code.ts'
import { HartMemory } from './hart-memory.ts'
import { InterruptCheck } from './interrupt-check.ts'
import { Memories } from './memories.ts'
import { NetworkCheck } from './network-check.ts'
import type { Places } from './places.ts'
import { RegisterCheck } from './register-check.ts'
import { RingOrder } from './ring-order.ts'
import { RingWatch } from './ring-watch.ts'
import type { SanitizerOptions } from './sanitizer.ts'

const RETURN_ADDRESS = 1
const STACK_POINTER = 2
const FENCE_OPCODE = 0x0f

/** All that is known of a run since reset: every check, and what they share. */
export class Watch {
  readonly memory: HartMemory
  readonly code: HartCode
  readonly interrupts: InterruptCheck
  readonly order: RingOrder | undefined
  readonly ring: RingWatch | undefined
  readonly commands: CommandCheck | undefined
  private readonly registers: RegisterCheck
  private readonly places: Places
  private readonly block: AcceleratorBlock | undefined
  private returnAddress = 0

  constructor(findings: Findings, places: Places, { soc, accelerator, isa = soc.hart.isa }: SanitizerOptions) {
    this.places = places
    this.block = findBlock(soc, 'accelerator')
    const buses = (['ram', 'rom'] as const).flatMap((kind) => soc.blocks.filter((block) => block.kind === kind))
    const devices = soc.blocks.filter(({ kind }) => kind !== 'ram' && kind !== 'rom')
    const specs = accelerator?.memories(resolveParameters(accelerator, this.block?.parameters)) ?? {}
    const memories = new Memories(buses, specs, this.block?.window)
    const decoder = new Decoder(parseIsa(isa).extensions)
    this.order = accelerator && new RingOrder(accelerator.units)
    const shared = { findings, places, memories }
    this.code = new HartCode(shared, decoder)
    this.memory = new HartMemory(shared, this.order, this.code, decoder)
    this.registers = new RegisterCheck(findings, places, soc, accelerator)
    this.interrupts = new InterruptCheck(findings, places, soc, {
      stack: (address) => this.code.isStack(address) || this.code.stacks.holds(address),
      device: (address) => devices.find(({ base, size }) => address >= base && address < base + size)?.name,
    })
    if (accelerator === undefined || this.order === undefined) return
    this.ring = new RingWatch(findings, places, this.order, accelerator)
    const { bytesPerCommand } = accelerator.frontEnd
    this.commands = new CommandCheck(shared, this.order, this.code, bytesPerCommand)
  }

  load(image: ElfImage): void {
    this.code.load(image)
    const { network } = debugInfo(image)
    if (network !== undefined) this.places.network = new NetworkCheck(network)
  }

  /** Nothing is known of what happened before. */
  trustEverything(): void {
    this.memory.trustEverything()
    this.code.trustEverything()
    this.interrupts.trustEverything()
    this.ring?.trustEverything()
  }

  instructions(log: InstructionLog): void {
    const { memory, code, interrupts, places } = this
    const { count, pc, access, destination, raw } = log
    for (let i = 0; i < count; i++) {
      const caller = this.returnAddress
      if (code.leaves(pc[i]!)) code.goTo(log, i)
      if (memory.values.any) memory.values.flow(log, i, caller)
      const kind = access[i]!
      if (kind !== 0) {
        if ((kind & ACCESS_STORE) !== 0) code.store(log, i, caller)
        memory.access(log, i, caller)
      }
      const register = destination[i]!
      if (register === RETURN_ADDRESS) {
        if (!places.isLibrary(pc[i]!)) this.returnAddress = log.result[i]! >>> 0
      } else if (register === STACK_POINTER) {
        const left = code.moveStack(log, i, caller)
        if (left !== undefined) memory.leave(left, log, i, caller)
      } else if ((raw[i]! & 0x7f) === FENCE_OPCODE) this.fence(raw[i]!, log.began[i]!)
    }
    code.endOf(log)
    interrupts.instructions(log, this.returnAddress)
  }

  device(access: DeviceAccess): void {
    this.registers.access(access, this.returnAddress)
    const claimed = this.interrupts.access(access, this.returnAddress)
    if (claimed !== undefined && claimed === this.block?.irq) this.ring?.claimed()
    if (access.region === this.block?.name) this.ring?.access(access, this.returnAddress)
  }

  /** A command of the accelerator has taken effect. */
  finished(command: IssuedCommand, at: number): void {
    const tracked = this.order?.finished(command)
    if (tracked === undefined) return
    this.commands?.finished(tracked, at)
    // As the front end does it: a command that no unit executes is a fence, and may interrupt.
    if (!this.order!.isUnit(tracked) && command.fields.interrupt !== 0) this.ring?.raise(irq.fence)
  }

  private fence(raw: number, at: number): void {
    if ((raw & 0x7000) === 0) this.order?.fence(raw)
    else this.code.synchronise(at)
  }
}
