import { UserError } from '../diagnostic.ts'
import type { Extension } from './instructions/row.ts'

/** Extensions a hart can be given, in the order of ISA strings. */
const KNOWN: readonly Extension[] = ['i', 'm', 'a', 'c', 'zicsr', 'zifencei', 'zba', 'zbb', 'zbs']
/** Always there: traps need control registers. The counters of Zicntr and Zihpm come with Zicsr here. */
const ALWAYS: readonly Extension[] = ['i', 'zicsr', 'zifencei']
/** Extensions that are part of another one, or of every hart here. */
const PART_OF: Readonly<Record<string, Extension>> = {
  zmmul: 'm',
  zaamo: 'a',
  zalrsc: 'a',
  zca: 'c',
  zicntr: 'zicsr',
  zihpm: 'zicsr',
  e: 'i',
}
/** What `b` is short for. */
const BIT_MANIPULATION: readonly Extension[] = ['zba', 'zbb', 'zbs']
/** Bits of misa that are no extension here: all of B, and user mode, which every hart has. */
const MISA_B = 1 << 1
const MISA_U = 1 << 20

/** The instruction set of a hart. */
export interface Isa {
  readonly extensions: ReadonlySet<Extension>
  /** Canonical name, e.g. `rv32imc_zicsr_zifencei`. */
  readonly name: string
}

/**
 * Parses an ISA string such as `rv32imc_zicsr`; version numbers (`rv32i2p1_m2p0`) are ignored.
 *
 * @throws UserError when it is not RV32I or names an extension that no hart here has
 */
export function parseIsa(text: string): Isa {
  const names = extensionNames(text)
  const extensions = new Set<Extension>(ALWAYS)
  for (const name of names) {
    const known = PART_OF[name] ?? KNOWN.find((extension) => extension === name)
    if (known === undefined) {
      const known = KNOWN.join(', ')
      throw new UserError('isa-extension', `the ISA '${text}' needs '${name}'`, `this hart can have ${known}`)
    }
    extensions.add(known)
  }
  return { extensions, name: isaName(extensions) }
}

/** `rv32` + single letters + the longer names, e.g. `rv32im_zicsr_zifencei`. */
function isaName(extensions: ReadonlySet<Extension>): string {
  const present = KNOWN.filter((extension) => extensions.has(extension))
  const letters = present.filter((extension) => extension.length === 1).join('')
  return [`rv32${letters}`, ...present.filter((extension) => extension.length > 1)].join('_')
}

/** Whether any hart here can have this extension. */
export function isKnownExtension(name: string): boolean {
  return PART_OF[name] !== undefined || KNOWN.some((extension) => extension === name)
}

/** Extensions that `arch` (an ISA string, of an ELF file for example) needs and `isa` lacks, by their names. */
export function missingExtensions(arch: string, isa: Isa): string[] {
  return extensionNames(arch).filter((name) => !isa.extensions.has((PART_OF[name] ?? name) as Extension))
}

/** misa: XLEN 32 and one bit for each single-letter extension (privileged ISA, section 3.1.1). */
export function misa(isa: Isa): number {
  let bits = (1 << 30) | MISA_U
  if (BIT_MANIPULATION.every((extension) => isa.extensions.has(extension))) bits |= MISA_B
  for (const extension of isa.extensions) {
    if (extension.length === 1) bits |= 1 << (extension.charCodeAt(0) - 'a'.charCodeAt(0))
  }
  return bits
}

function extensionNames(text: string): string[] {
  const [base = '', ...longer] = text.toLowerCase().split('_')
  const match = /^rv32(.*)$/.exec(base)
  if (match === null) {
    throw new UserError('isa-base', `'${text}' is not an RV32 instruction set`, 'write it like rv32imc_zicsr')
  }
  const letters = withoutVersions(match[1]!)
  const names = [...letters.replace('g', 'imafd'), ...longer.map(withoutVersions)].filter((name) => name !== '')
  return names.flatMap<string>((name) => (name === 'b' ? BIT_MANIPULATION : name))
}

/** `i2p1` is `i`: a version is digits, `p`, digits at the end of each extension's name. */
function withoutVersions(names: string): string {
  return names.replace(/\d+(p\d+)?/g, '')
}
