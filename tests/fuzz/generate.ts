import type { Extension } from '../../sim/cpu/instructions/row.ts'
import { parseIsa } from '../../sim/cpu/isa.ts'
import type { Code } from './code.ts'
import * as codeWriting from './code-units.ts'
import * as controls from './control-units.ts'
import type { Program, Unit } from './harness.ts'
import * as interrupted from './interrupt-units.ts'
import { COUNTER, DATA_BYTES } from './layout.ts'
import * as plain from './plain-units.ts'
import * as protection from './protection-units.ts'
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
  readonly interruptible?: boolean
}

const choices: readonly Choice[] = [
  { name: 'compute', weight: 6, make: (setting) => plain.compute(setting) },
  { name: 'memory', weight: 5, make: plain.memory },
  { name: 'stack', weight: 2, make: plain.stack },
  { name: 'forward', weight: 4, make: plain.forward },
  { name: 'loop', weight: 4, make: (setting) => plain.loop(setting) },
  { name: 'calls', weight: 2, make: plain.calls },
  { name: 'counted', weight: 1, make: plain.counted },
  { name: 'atomics', weight: 3, make: plain.atomics, needs: 'a' },
  { name: 'overwrite', weight: 1, make: codeWriting.overwrite },
  { name: 'swap in a loop', weight: 1, make: codeWriting.swapInLoop },
  { name: 'far code', weight: 1, make: codeWriting.farCode },
  { name: 'fences', weight: 1, make: codeWriting.fences },
  { name: 'access fault', weight: 2, make: traps.accessFault },
  { name: 'walk off', weight: 1, make: traps.walkOff },
  { name: 'misaligned atomic', weight: 1, make: traps.misalignedAtomic, needs: 'a' },
  { name: 'illegal', weight: 2, make: traps.illegal },
  { name: 'environment', weight: 2, make: traps.environment },
  { name: 'trapping loop', weight: 2, make: traps.trappingLoop },
  { name: 'wild jump', weight: 2, make: traps.wildJump },
  { name: 'misaligned target', weight: 1, make: traps.misalignedTarget },
  { name: 'machine return', weight: 1, make: traps.machineReturn },
  { name: 'control', weight: 6, make: controls.control },
  { name: 'unknown control', weight: 2, make: controls.unknownControl },
  { name: 'stopped counters', weight: 1, make: controls.stoppedCounters },
  { name: 'interrupts', weight: 4, make: interrupted.interrupts },
  { name: 'later timer', weight: 1, make: interrupted.laterTimer },
  { name: 'preempted', weight: 1, make: interrupted.preempted, interruptible: true },
  { name: 'user mode', weight: 3, make: protection.userMode },
  { name: 'modified privilege', weight: 2, make: protection.modifiedPrivilege },
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
const MOST_BYTES = 5500

/** A program depends on its seed and number alone. The last of a batch may lock PMP entries, which none survives. */
function generateProgram(extensions: ReadonlySet<Extension>, seed: number, number: number): Program {
  const random = new Random(new Random(seed).word() + Math.imul(number, 0x9e37_79b1))
  const setting = { random, extensions }
  const possible = choices.filter(({ needs }) => needs === undefined || extensions.has(needs))
  const lottery = possible.flatMap((choice) => Array<Choice>(choice.weight).fill(choice))
  const units: Unit[] = []
  let bytes = 0
  for (let n = random.between(5, 25); n > 0; n--) {
    const { name, make, interruptible = false } = random.pick(lottery)
    const unit = { name, code: make(setting), interruptible }
    bytes += unit.code.bytes
    if (bytes > MOST_BYTES) break
    units.push(unit)
  }
  if (number % BATCH === BATCH - 1) {
    units.push({ name: 'locked', code: protection.locked(setting), interruptible: false })
  }
  return {
    units,
    registers: Array.from({ length: COUNTER - 1 }, () => random.value()),
    data: Uint8Array.from({ length: DATA_BYTES }, () => random.below(256)),
    vectored: random.chance(0.5),
  }
}
