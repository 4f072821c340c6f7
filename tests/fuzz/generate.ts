import type { Extension } from '../../sim/cpu/instructions/row.ts'
import { parseIsa } from '../../sim/cpu/isa.ts'
import type { Code } from './code.ts'
import { DATA_BYTES, type Program, SCRATCH, type Unit } from './harness.ts'
import * as plain from './plain-units.ts'
import { Random } from './random.ts'
import * as traps from './trap-units.ts'

/** Instruction sets that batches take turns with. */
export const instructionSets = [
  'rv32imac_zba_zbb_zbs',
  'rv32im',
  'rv32imc',
  'rv32ima_zbb',
  'rv32ic_zba_zbs',
  'rv32imab',
] as const

/** Programs that share an instruction set, and may share a run. */
export const BATCH = 40

/** A batch: programs that run one after another on one hart. */
export interface Batch {
  readonly seed: number
  /** Number of its first program. */
  readonly first: number
  readonly isa: string
  readonly programs: readonly Program[]
}

interface Choice {
  readonly name: string
  readonly weight: number
  readonly make: (setting: plain.Setting) => Code
  readonly needs?: Extension
}

const choices: readonly Choice[] = [
  { name: 'compute', weight: 6, make: (setting) => plain.compute(setting) },
  { name: 'memory', weight: 5, make: plain.memory },
  { name: 'stack', weight: 2, make: plain.stack },
  { name: 'forward', weight: 4, make: plain.forward },
  { name: 'loop', weight: 4, make: plain.loop },
  { name: 'calls', weight: 2, make: plain.calls },
  { name: 'atomics', weight: 3, make: plain.atomics, needs: 'a' },
  { name: 'self-modifying', weight: 2, make: plain.selfModifying },
  { name: 'fences', weight: 1, make: plain.fences },
  { name: 'access fault', weight: 2, make: traps.accessFault },
  { name: 'misaligned atomic', weight: 1, make: traps.misalignedAtomic, needs: 'a' },
  { name: 'illegal', weight: 2, make: traps.illegal },
  { name: 'environment', weight: 2, make: traps.environment },
  { name: 'wild jump', weight: 2, make: traps.wildJump },
  { name: 'control', weight: 6, make: traps.control },
  { name: 'unknown control', weight: 1, make: traps.unknownControl },
  { name: 'stopped counters', weight: 1, make: traps.stoppedCounters },
  { name: 'interrupts', weight: 2, make: traps.interrupts },
  { name: 'later timer', weight: 1, make: traps.laterTimer },
  { name: 'user mode', weight: 3, make: traps.userMode },
  { name: 'modified privilege', weight: 2, make: traps.modifiedPrivilege },
]

/** Generates programs `first` and following of a seed, up to `most` of them, which all have one instruction set. */
export function generateBatch(seed: number, first: number, most: number): Batch {
  const row = Math.floor(first / BATCH)
  const isa = instructionSets[row % instructionSets.length]!
  const { extensions } = parseIsa(isa)
  const size = Math.min(most, (row + 1) * BATCH - first)
  const programs = Array.from({ length: size }, (_, index) => generateProgram(extensions, seed, first + index))
  return { seed, first, isa, programs }
}

/** Most bytes of units: what is left of a slot's code without prologue and epilogue. */
const MOST_BYTES = 6000

/** A program depends on its seed and number alone. The last of a batch may lock PMP entries, which none survives. */
function generateProgram(extensions: ReadonlySet<Extension>, seed: number, number: number): Program {
  const random = new Random(new Random(seed).word() + Math.imul(number, 0x9e37_79b1))
  const setting = { random, extensions }
  const possible = choices.filter(({ needs }) => needs === undefined || extensions.has(needs))
  const lottery = possible.flatMap((choice) => Array<Choice>(choice.weight).fill(choice))
  const units: Unit[] = []
  let bytes = 0
  for (let n = random.between(5, 25); n > 0; n--) {
    const { name, make } = random.pick(lottery)
    const unit = { name, code: make(setting) }
    bytes += unit.code.bytes
    if (bytes > MOST_BYTES) break
    units.push(unit)
  }
  if (number % BATCH === BATCH - 1) units.push({ name: 'locked', code: traps.locked(setting) })
  return {
    units,
    registers: Array.from({ length: SCRATCH - 1 }, () => random.value()),
    data: Uint8Array.from({ length: DATA_BYTES }, () => random.below(256)),
  }
}
