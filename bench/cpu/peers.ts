/** Other simulators, as far as they are installed: QEMU's `virt` machine, Spike and rv32emu. */
import { spawnSync } from 'node:child_process'
import { QEMU } from './qemu.ts'
import type { Console } from './workloads.ts'

/** A simulator and how it is called. */
export interface Peer {
  readonly name: string
  readonly program: string
  /** How firmware prints and ends on it. */
  readonly console: Console
  readonly args: (elf: string) => readonly string[]
  /** Too slow for long runs. */
  readonly shortOnly: boolean
}

const virt = ['-machine', 'virt', '-m', '16M', '-bios', 'none', '-nographic', '-serial', 'stdio', '-monitor', 'none']
const qemu = { program: QEMU, console: 'platform', shortOnly: false } as const

const peers: readonly Peer[] = [
  { ...qemu, name: 'qemu', args: (elf) => [...virt, '-kernel', elf] },
  { ...qemu, name: 'qemu -icount', args: (elf) => [...virt, '-icount', 'shift=0', '-kernel', elf] },
  {
    name: 'spike',
    program: 'spike',
    console: 'htif',
    args: (elf) => ['--isa=rv32im_zicsr_zifencei', '-m0x80000000:0x1000000', elf],
    shortOnly: true,
  },
  { name: 'rv32emu', program: 'rv32emu', console: 'ecall', args: (elf) => ['-q', elf], shortOnly: false },
]

/** The simulators that are on PATH. */
export function installedPeers(): readonly Peer[] {
  return peers.filter(({ program }) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0)
}

/** The shell's `times` prints user and system time of itself, then of its children. */
const TIMED = '"$0" "$@"; status=$?; times >&2; exit $status'

/** Runs firmware to its end; seconds of processor time, of all its threads. */
export function runPeer({ program, args }: Peer, elf: string): { readonly seconds: number; readonly console: string } {
  const { status, stdout, stderr, error } = spawnSync('bash', ['-c', TIMED, program, ...args(elf)], {
    encoding: 'utf8',
    timeout: 300_000,
  })
  // QEMU exits with 0 when a timeout terminates it: only `error` tells.
  if (status !== 0 || error !== undefined) throw new Error(`${program} failed on ${elf}: ${error?.message ?? stderr}`)
  const times = [
    ...stderr
      .trim()
      .split('\n')
      .at(-1)!
      .matchAll(/(\d+)m([\d.]+)s/g),
  ]
  return {
    seconds: times.reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0),
    console: stdout,
  }
}
