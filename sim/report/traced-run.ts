/** What a trace tells of the run before it is shown: its code, its layers, and the part of interest. */
import { Decoder } from '../cpu/decoder.ts'
import { parseIsa } from '../cpu/isa.ts'
import { timingModel } from '../cpu/timing/models.ts'
import type { PlacedInstruction } from '../cpu/timing/timing-model.ts'
import type { NetworkMap } from '../debug-info/network-map.ts'
import { ACCESS_BYTES, ACCESS_STORE, type InstructionLog } from '../probe/instruction-log.ts'
import type { Probe } from '../probe/probe.ts'
import type { ProfiledMachine } from '../profile/cycle-profiler.ts'
import { LAYER_TIME_BYTES } from '../profile/inference-profile.ts'
import type { TraceReader } from '../trace/reader.ts'

/** Reads the code that ran, and what firmware and fences noted of the layers. */
export class TracedRun implements Probe {
  /** Notes of the layers, as they stand in memory at the end. */
  readonly notes: Uint8Array
  readonly accelerator: NonNullable<Probe['accelerator']>
  private readonly code = new Map<number, number>()
  private readonly base: number

  constructor(network: NetworkMap | undefined) {
    this.base = network?.times ?? 0
    this.notes = new Uint8Array(LAYER_TIME_BYTES * (network?.layers.length ?? 0))
    this.accelerator = {
      finished: ({ spec, regions }, at) => {
        if (spec.unit !== 'front-end') return
        for (const { memory, start, bytes } of regions) if (memory === 'ram') this.note(start, bytes, BigInt(at))
      },
    }
  }

  instructions(log: InstructionLog): void {
    for (let entry = 0; entry < log.count; entry++) {
      this.code.set(log.pc[entry]!, log.raw[entry]!)
      const access = log.access[entry]!
      if ((access & ACCESS_STORE) !== 0) {
        this.note(log.address[entry]!, access & ACCESS_BYTES, BigInt(log.stored[entry]!))
      }
    }
  }

  /** The machine that the trace was recorded on, as far as a profile asks. @param cycles when the run ended */
  machine({ header, symbols }: TraceReader, cycles: number): ProfiledMachine {
    const decoder = new Decoder(parseIsa(header.isa).extensions)
    const place = (pc: number): PlacedInstruction | undefined => {
      const raw = this.code.get(pc >>> 0)
      const decoded = raw === undefined ? undefined : decoder.decode(raw)
      if (decoded === undefined) return undefined
      const relative = decoded.row.format === 'B' || decoded.row.format === 'J'
      return {
        ...decoded,
        pc,
        next: () => place(pc + decoded.length),
        target: () => (relative ? place(pc + decoded.imm) : undefined),
      }
    }
    const memories = header.soc.blocks.filter((block) => block.kind === 'ram' || block.kind === 'rom')
    return {
      hart: { timing: timingModel(header.cpu), decoder, code: { place }, cycles },
      bus: {
        regions: header.soc.blocks,
        memoryAt: (address) => {
          const memory = memories.find(({ base, size }) => address >= base && address < base + size)
          return memory && { waitStates: memory.waitStates ?? 0 }
        },
      },
      debugInfo: { functionAt: (pc) => symbols.functionAt(pc)?.name },
    }
  }

  /** Something was stored, perhaps to the notes. */
  private note(address: number, bytes: number, value: bigint): void {
    for (let i = 0; i < bytes; i++) {
      const at = address - this.base + i
      if (at >= 0 && at < this.notes.length) this.notes[at] = Number((value >> BigInt(8 * i)) & 0xffn)
    }
  }
}
