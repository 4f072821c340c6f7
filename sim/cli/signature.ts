import { UserError } from '../diagnostic.ts'
import type { ElfImage } from '../elf/image.ts'
import { hex } from '../hex.ts'
import type { Machine } from '../machine.ts'
import { writeOutput } from './write-output.ts'

const WORD_BYTES = 4
const DIGITS = 8

/** Where a test of the RISC-V architecture leaves its results: from begin_signature up to end_signature. */
interface SignatureRegion {
  readonly begin: number
  readonly bytes: number
}

/** @throws UserError when the program has no signature of whole words in memory */
export function signatureRegion(machine: Machine, { name, symbols }: ElfImage): SignatureRegion {
  const [begin, end] = ['begin_signature', 'end_signature'].map((symbol) => symbols.get(symbol)?.address)
  const hint = 'leave out --signature, or link a test of riscv-arch-test'
  if (begin === undefined || end === undefined) {
    throw new UserError('signature-symbols', 'it has no symbols begin_signature and end_signature', hint, {
      file: name,
    })
  }
  const bytes = end - begin
  if (bytes < 0 || bytes % WORD_BYTES !== 0 || (bytes > 0 && machine.bus.memoryAt(begin, bytes) === undefined)) {
    const message = `its signature from ${hex(begin)} to ${hex(end)} is not whole words of one memory`
    throw new UserError('signature-place', message, hint, { file: name })
  }
  return { begin, bytes }
}

/**
 * Writes a signature as other simulators do (`+signature-granularity=4`): a word of eight hexadecimal digits a line.
 *
 * @throws UserError when the file cannot be written
 */
export function writeSignature(machine: Machine, { begin, bytes }: SignatureRegion, file: string): void {
  const view = new DataView(machine.readMemory(begin, bytes).buffer)
  const words = Array.from({ length: bytes / WORD_BYTES }, (_, i) => view.getUint32(i * WORD_BYTES, true))
  writeOutput(file, words.map((word) => `${word.toString(16).padStart(DIGITS, '0')}\n`).join(''))
}
