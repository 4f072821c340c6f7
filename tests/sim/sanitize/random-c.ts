/**
 * C programs of csmith (Yang et al., "Finding and Understanding Bugs in C Compilers", PLDI 2011) have no undefined
 * behaviour, so whatever the sanitizer finds in one is a false alarm.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Toolchain } from '../../../compiler/toolchain/toolchain.ts'
import type { Finding } from '../../../sim/sanitize/finding.ts'
import { Sanitizer } from '../../../sim/sanitize/sanitizer.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { boot, build } from '../../runtime-c/firmware.ts'

const HEADERS = '/usr/include/csmith'
/** Some of the programs never end. */
const MAX_CYCLES = 10_000_000
/** Nobody warns of what machines wrote. */
const QUIET = '#pragma GCC system_header\n'

/** What csmith's header for machines without an operating system leaves to its user. */
const support = {
  'custom_stdint_x86.h': '#include <stdint.h>\n',
  'custom_limits.h': `#include <float.h>
#include <limits.h>
#include <string.h>
static inline float fabsf(float x) { return x < 0 ? -x : x; }
`,
  'support.c': `int printf(const char *format, ...) { (void)format; return 0; }
int strcmp(const char *a, const char *b) { while (*a != 0 && *a == *b) a++, b++; return *a - *b; }
`,
}

export const hasCsmith = () => spawnSync('csmith', ['--version']).status === 0

/**
 * Runs the program of a seed under the sanitizer.
 * @returns what it finds, or undefined for a program that the toolchain refuses
 */
export async function sanitizeRandomC(seed: number, toolchain: Toolchain): Promise<readonly Finding[] | undefined> {
  const firmware = await build(
    toolchain,
    {
      ...support,
      'csmith.h': readFileSync(join(HEADERS, 'csmith_minimal.h'), 'utf8'),
      'safe_math.h': readFileSync(join(HEADERS, 'safe_math.h'), 'utf8'),
      'program.h': QUIET + generate(seed),
      'main.c': '#include "program.h"\n',
    },
    ['boot', 'hal', 'libc'],
  ).catch(() => undefined)
  if (firmware === undefined) return undefined
  const sanitizer = new Sanitizer({ soc: defaultSoc })
  const machine = await boot(firmware, { probes: [sanitizer] })
  return sanitizer.finish(machine.run({ maxCycles: MAX_CYCLES }))
}

function generate(seed: number): string {
  // It leaves a file about the platform where it runs.
  const folder = mkdtempSync(join(tmpdir(), 'csmith-'))
  try {
    return execFileSync('csmith', ['--seed', String(seed), '--no-argc'], { cwd: folder, encoding: 'utf8' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
