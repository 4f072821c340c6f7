import type { Command } from 'commander'

/** One command of `sim`. Its file is loaded only when it is used: `sim run hello.elf` must start fast. */
export interface CommandRow {
  readonly name: string
  readonly summary: string
  /** The file `sim/cli/<name>.ts`; `register` adds arguments, options, help and action to its own command. */
  readonly load: () => Promise<{ readonly register: (command: Command) => void }>
}

export const commands: readonly CommandRow[] = [
  { name: 'run', summary: 'run firmware on the simulated SoC', load: () => import('./run.ts') },
  { name: 'build', summary: 'compile a model to firmware', load: () => import('./build.ts') },
  {
    name: 'infer',
    summary: 'run a model on the simulated SoC and check every output',
    load: () => import('./infer.ts'),
  },
  { name: 'report', summary: 'show a run as a page: timeline, functions, memories', load: () => import('./report.ts') },
  {
    name: 'trace',
    summary: 'convert, count and compare recorded runs',
    load: () => import('./trace.ts'),
  },
  {
    name: 'soc',
    summary: 'show a SoC: memory map, C header, linker script, device tree, SVD',
    load: () => import('./soc.ts'),
  },
]
