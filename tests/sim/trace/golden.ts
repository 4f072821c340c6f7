/**
 * The golden traces in `traces/`: recordings of this simulator, which prove that nothing has changed, not that it is
 * right. The firmware stands beside each, so that no compiler can change it. `npm run traces:update` makes them again.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import { programSoc } from '../../../programs/build.ts'
import { programs } from '../../../programs/programs.ts'
import { acceleratorFactories } from '../../../sim/cli/accelerator-factories.ts'
import { loadSoc } from '../../../sim/cli/load-soc.ts'
import { ConsoleInput } from '../../../sim/console-input.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import { Machine } from '../../../sim/machine.ts'
import type { Probe } from '../../../sim/probe/probe.ts'
import type { SocDescription } from '../../../sim/soc/description.ts'
import { type EventGroup, eventGroups } from '../../../sim/trace/events.ts'
import { TraceWriter } from '../../../sim/trace/writer.ts'
import { programInput } from '../../programs/firmware.ts'

const MOST_INSTRUCTIONS = 5_000_000

/** The network whose inference is a golden trace. */
export const NETWORK = 'digits'
export const goldenNames: readonly string[] = [...programs.map(({ name }) => name), NETWORK]

const path = (file: string) => fileURLToPath(new URL(`../../../traces/${file}`, import.meta.url))

/** Firmware, and bytes that are put into memory before it runs. */
export interface Firmware {
  readonly name: string
  readonly elf: Uint8Array
  readonly input?: { readonly address: number; readonly bytes: Uint8Array }
}

export const hasGolden = (name: string): boolean => existsSync(path(`${name}.simtrace`))

export const goldenTrace = (name: string): Uint8Array => readFileSync(path(`${name}.simtrace`))

/** The firmware of a golden trace. */
export function goldenFirmware(name: string): Firmware {
  const elf = brotliDecompressSync(readFileSync(path(`${name}.elf.br`)))
  if (name !== NETWORK) return { name, elf }
  const { address, bytes } = JSON.parse(readFileSync(path(`${name}.input.json`), 'utf8'))
  return { name, elf, input: { address, bytes: Buffer.from(bytes, 'base64') } }
}

/** Writes a golden trace and its firmware, without debug data: that names folders of the machine that built it. */
export async function writeGolden({ name, elf: built, input }: Firmware): Promise<void> {
  const elf = withoutDebugData(built)
  writeFileSync(path(`${name}.elf.br`), brotliCompressSync(elf))
  writeFileSync(path(`${name}.simtrace`), await recordFirmware({ name, elf, ...(input && { input }) }))
  if (input === undefined) return
  const { address, bytes } = input
  writeFileSync(
    path(`${name}.input.json`),
    `${JSON.stringify({ address, bytes: Buffer.from(bytes).toString('base64') })}\n`,
  )
}

const socOf = (name: string): SocDescription => (name === NETWORK ? loadSoc('default') : programSoc(name))
const consoleOf = (name: string) => (name === NETWORK ? new Uint8Array(0) : programInput(name))

/** Options of a recording. */
export interface Recording {
  readonly groups?: readonly EventGroup[]
  readonly cpu?: string
  /** Another listener. */
  readonly beside?: Probe
}

/** The trace of firmware that runs to its end. */
export async function recordFirmware({ name, elf, input }: Firmware, options: Recording = {}): Promise<Uint8Array> {
  const { groups = eventGroups, beside = {} } = options
  const soc = socOf(name)
  const cpu = options.cpu ?? soc.hart.cpu
  const pieces: Uint8Array[] = []
  const platform = { soc, isa: soc.hart.isa, cpu }
  const writer = new TraceWriter((bytes) => pieces.push(bytes.slice()), { platform, events: new Set(groups) })
  const machine = new Machine(soc, {
    cpu,
    accelerators: await acceleratorFactories(soc, 'fast'),
    input: new ConsoleInput(consoleOf(name)),
    probes: [writer.probe, beside],
  })
  machine.load(await loadElf(elf, name))
  if (input !== undefined) machine.writeMemory(input.address, input.bytes)
  machine.run({ maxInstructions: MOST_INSTRUCTIONS })
  writer.close()
  return new Uint8Array(Buffer.concat(pieces))
}

/** An ELF file whose debug sections are all zero: they compress to nothing. */
function withoutDebugData(elf: Uint8Array): Uint8Array {
  const copy = new Uint8Array(elf)
  const view = new DataView(copy.buffer)
  const [headers, bytes, count] = [view.getUint32(32, true), view.getUint16(46, true), view.getUint16(48, true)]
  const section = (index: number) => {
    const at = headers + index * bytes
    return {
      name: view.getUint32(at, true),
      offset: view.getUint32(at + 16, true),
      size: view.getUint32(at + 20, true),
    }
  }
  const names = section(view.getUint16(50, true)).offset
  for (let index = 0; index < count; index++) {
    const { name, offset, size } = section(index)
    if (Buffer.from(copy.subarray(names + name, names + name + 6)).toString() === '.debug')
      copy.fill(0, offset, offset + size)
  }
  return copy
}
