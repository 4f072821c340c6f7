/** Firmware whose functions a test calls, one by one, on the simulated SoC. */
import { readFileSync } from 'node:fs'
import { findAccelerator } from '../../accelerators/index.ts'
import { acceleratorFactories } from '../cli/accelerator-factories.ts'
import { acceleratorViews } from '../cli/accelerator-views.ts'
import { chooseAccelerator } from '../cli/choose-accelerator.ts'
import { loadSoc } from '../cli/load-soc.ts'
import { UserError } from '../diagnostic.ts'
import type { ElfImage } from '../elf/image.ts'
import { loadElf } from '../elf/load.ts'
import type { Engine, MachineOptions } from '../machine.ts'
import type { Probe } from '../probe/probe.ts'
import { Sanitizer } from '../sanitize/sanitizer.ts'
import { findBlock, type SocDescription } from '../soc/description.ts'
import type { Argument } from './arguments.ts'
import { type CallResult, Session, type SessionOptions } from './session.ts'

/** The platform that functions are called on. */
export interface PlatformOptions {
  /** A SoC by name, a JSON file, or its description; default: the default SoC. */
  readonly soc?: string | SocDescription
  /** An accelerator instead of the SoC's, or `none`. */
  readonly accelerator?: string
  /** Design parameters as in `--set`, e.g. `accelerator.rows=32`. */
  readonly set?: readonly string[]
  /** Timing model of the hart. */
  readonly cpu?: string
  /** Instruction set of the hart. */
  readonly isa?: string
  readonly engine?: Engine
  /** Follows every call with the sanitizer, which makes calls slower. */
  readonly sanitize?: boolean
  /** Who else follows the calls. */
  readonly probes?: readonly Probe[]
  /** Where a call that has not returned is given up, in instructions; default 100 million. */
  readonly maxInstructions?: number
}

const MAX_INSTRUCTIONS = 100_000_000

/** Firmware that has been loaded; its functions can be called. */
export class Firmware {
  readonly image: ElfImage
  private readonly options: SessionOptions
  private session: Session | undefined

  constructor(options: SessionOptions) {
    this.image = options.image
    this.options = options
  }

  /**
   * Calls a function as if nothing had run before but the start-up code: what an earlier call has changed is gone.
   *
   * @throws CallError when it does not return, or writes outside its arguments
   */
  call(name: string, ...args: readonly Argument[]): CallResult {
    // What the sanitizer has found is found only once: it starts over with the firmware.
    if (this.options.sanitizer !== undefined) return this.start().call(name, ...args)
    this.session ??= this.start()
    try {
      return this.session.call(name, ...args)
    } finally {
      this.session.rewind()
    }
  }

  /** Starts the firmware; calls in a session find what the calls before them have left. */
  start(): Session {
    return new Session(this.options)
  }
}

/**
 * Loads firmware: an ELF file, or its path.
 *
 * @throws Error when it is not a program for this SoC
 */
export function loadFirmware(elf: Uint8Array | string, options: PlatformOptions = {}): Promise<Firmware> {
  return inOneSentence(() => load(elf, options))
}

/** Test runners show the message of an error, not its other fields. */
export async function inOneSentence<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof UserError ? new Error(error.render(), { cause: error }) : error
  }
}

async function load(elf: Uint8Array | string, options: PlatformOptions): Promise<Firmware> {
  const { cpu, isa, engine, probes, sanitize, maxInstructions = MAX_INSTRUCTIONS } = options
  const soc = await settleSoc(options)
  const name = typeof elf === 'string' ? elf : 'firmware'
  const image = await loadElf(typeof elf === 'string' ? readElf(elf) : elf, name)
  const machineOptions: MachineOptions = {
    accelerators: await acceleratorFactories(soc),
    ...(cpu !== undefined && { cpu }),
    ...(isa !== undefined && { isa }),
    ...(engine !== undefined && { engine }),
    ...(probes !== undefined && { probes }),
  }
  const [view] = Object.values(await acceleratorViews(soc))
  const sanitizer = sanitize === true ? await sanitizerFor(soc, isa) : undefined
  return new Firmware({ image, soc, machineOptions, view, maxInstructions, sanitizer })
}

async function sanitizerFor(soc: SocDescription, isa: string | undefined): Promise<() => Sanitizer> {
  const block = findBlock(soc, 'accelerator')
  const accelerator = block && (await findAccelerator(block.accelerator).description())
  return () => new Sanitizer({ soc, ...(accelerator && { accelerator }), ...(isa !== undefined && { isa }) })
}

/** The SoC that the options ask for; `none` leaves its accelerator out. */
export async function settleSoc({ soc = 'default', accelerator, set }: PlatformOptions): Promise<SocDescription> {
  const named = typeof soc === 'string' ? loadSoc(soc) : soc
  if (accelerator === 'none') return { ...named, blocks: named.blocks.filter(({ kind }) => kind !== 'accelerator') }
  return (await chooseAccelerator(named, accelerator, set)).soc
}

function readElf(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch {
    throw new UserError('input-missing', 'this file cannot be read', 'check its path', { file: path })
  }
}
