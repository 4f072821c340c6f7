/**
 * Part of a build: runs a small program and compiles a small model with the bundled command line, so that V8 compiles what
 * such commands need, and writes what it has compiled beside the bundle. It takes a process of its own: code depends
 * on V8's options.
 *
 * Arguments: the model.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadBundle } from './bundle.ts'

const ENTRY = 0x8000_0000
const HEADER_BYTES = 52
const SEGMENT_BYTES = 32
const RISCV = 243

/** Prints a letter and ends: lui t0,0x10000; li t1,10; sb t1,0(t0); lui t0,0x100; lui t1,0x5; addi t1,t1,0x555; sw t1,0(t0). */
const program = [0x1000_02b7, 0x00a0_0313, 0x0062_8023, 0x0010_02b7, 0x0000_5337, 0x5553_0313, 0x0062_a023]

/** An ELF file with nothing but the program. */
function elf(): Uint8Array {
  const start = HEADER_BYTES + SEGMENT_BYTES
  const size = program.length * 4
  const identification = [0x464c_457f, 0x0001_0101, 0, 0]
  const header = [
    ...identification,
    (RISCV << 16) | 2,
    1,
    ENTRY,
    HEADER_BYTES,
    0,
    0,
    (SEGMENT_BYTES << 16) | HEADER_BYTES,
    1,
    0,
  ]
  const segment = [1, start, ENTRY, ENTRY, size, size, 5, 4]
  return new Uint8Array(Uint32Array.from([...header, ...segment, ...program]).buffer)
}

const folder = mkdtempSync(join(tmpdir(), 'sim-build-'))
try {
  const file = join(folder, 'program.elf')
  writeFileSync(file, elf())
  const bundle = loadBundle(new URL('./', import.meta.url))
  await bundle.sim(['run', file])
  await bundle.sim(['build', process.argv[2]!, '--emit', 'c'])
  bundle.writeCode()
} finally {
  rmSync(folder, { recursive: true })
}
