/** Guests that a translator may suffer from: what the default engine makes of them, against the interpreter alone. */
import { build } from './steady.ts'
import { runMachine } from './variants.ts'
import { pathological } from './workloads.ts'

/** Speeds of one guest in MIPS. */
export interface GuestRow {
  readonly guest: string
  readonly instructions: number
  readonly interpreter: number
  readonly auto: number
}

export async function measureGuests(folder: string, repeats: number, names: readonly string[]): Promise<GuestRow[]> {
  const rows: GuestRow[] = []
  for (const guest of pathological.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const binary = await build(guest, folder, 'platform')
    const best = { interpreter: Infinity, auto: Infinity }
    let instructions = 0
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const engine of ['interpreter', 'auto'] as const) {
        const outcome = await runMachine(binary, { cpu: 'ideal', engine, misaligned: 'hardware' })
        instructions = outcome.instructions
        best[engine] = Math.min(best[engine], outcome.seconds)
      }
    }
    const mips = (seconds: number) => instructions / seconds / 1e6
    rows.push({ guest: guest.name, instructions, interpreter: mips(best.interpreter), auto: mips(best.auto) })
  }
  return rows
}
