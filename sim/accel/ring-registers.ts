import type { ParameterTable, RegisterSpec } from './description.ts'

/** Bits of CONTROL. */
export const control = { enable: 1, reset: 2, clearCounters: 4 } as const
/** Bits of STATUS below those of the units. */
export const status = { idle: 1, error: 2 } as const
/** Bit of STATUS that says that unit 0 is busy; the others follow. */
export const STATUS_FIRST_UNIT = 8
/** Bits of IRQ_ENABLE and IRQ_STATUS. */
export const irq = { fence: 1, error: 2 } as const

/** Values of ERROR_CODE. */
export const errorCodes = {
  none: 0,
  opcode: 1,
  reserved: 2,
  field: 3,
  range: 4,
  bus: 5,
  fetch: 6,
  ring: 7,
  token: 8,
} as const
export type ErrorKind = Exclude<keyof typeof errorCodes, 'none'>
/** ERROR_FIELD when no field is to blame. */
export const NO_FIELD = 0xffff_ffff

/** Per-unit counters, in the order of their registers. */
export const unitCounters = ['busy', 'waitToken', 'waitBus'] as const
type UnitCounter = (typeof unitCounters)[number]

/** `waitToken` as `WAIT_TOKEN`, `front-end` as `FRONT_END`. */
export const upperSnake = (name: string): string =>
  name
    .replace('KiB', 'Kib')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase()

const CONTROL_BASE = 0x000
const COUNTER_BASE = 0x080
const CONFIG_BASE = 0x100

/** Consecutive words from `base`. */
const wordsFrom = (base: number, rows: readonly Omit<RegisterSpec, 'offset'>[]): RegisterSpec[] =>
  rows.map((row, index) => ({ ...row, offset: base + 4 * index }))

const flag = (bit: number, doc: string) => ({ bit, bits: 1, doc })

/** What a ring front end needs to know of its accelerator to lay out its registers. */
export interface RingIdentity {
  /** Value of ID: four letters. */
  readonly id: number
  readonly version: number
  readonly units: readonly string[]
  readonly parameters: ParameterTable
}

/**
 * The registers of a block that takes commands from a ring in RAM. Indices count commands since RING_BASE
 * was written, modulo 2^32, so a full ring and an empty one differ; command i stands in slot i mod
 * RING_SIZE, which need not be a power of two (the hardware keeps a slot pointer beside the count). A
 * constant stream of N commands is a ring of N slots: write base, size N, then tail N.
 */
export function ringRegisters(identity: RingIdentity): RegisterSpec[] {
  return [
    ...wordsFrom(CONTROL_BASE, controlRows(identity)),
    ...wordsFrom(COUNTER_BASE, counterRows(identity.units)),
    ...wordsFrom(CONFIG_BASE, configurationRows(identity.parameters)),
  ]
}

function controlRows({ id, version, units }: RingIdentity): Omit<RegisterSpec, 'offset'>[] {
  const interrupts = {
    fence: flag(0, 'a fence with its interrupt bit completed'),
    error: flag(1, 'the ring stopped at an error'),
  }
  const unitBits = units.map((unit, index) => [
    `busy_${unit}`,
    flag(STATUS_FIRST_UNIT + index, `unit ${unit} executes a command or has one queued`),
  ])
  return [
    { name: 'ID', access: 'ro', reset: id, doc: 'which accelerator this is, four ASCII letters' },
    { name: 'VERSION', access: 'ro', reset: version, doc: 'version of the command set: major << 16 | minor' },
    {
      name: 'CONTROL',
      access: 'rw',
      doc: 'what the block does',
      fields: {
        enable: flag(0, 'fetch commands; clearing it stops after the command that is being fetched'),
        reset: flag(
          1,
          'reads 0; stops everything, empties queues and tokens, clears the error, the registers of the ring, FENCE, IRQ_ENABLE, IRQ_STATUS and enable; memories and counters keep their content',
        ),
        clearCounters: flag(2, 'reads 0; clears the performance counters'),
      },
    },
    {
      name: 'STATUS',
      access: 'ro',
      reset: status.idle,
      doc: 'what the block is doing',
      fields: {
        idle: flag(0, 'no command is waiting, running or left in the ring, and no fence is open'),
        error: flag(1, 'an error stopped the ring; see ERROR_CODE'),
        ...Object.fromEntries(unitBits),
      },
    },
    { name: 'IRQ_ENABLE', access: 'rw', doc: 'which events drive the interrupt line', fields: interrupts },
    {
      name: 'IRQ_STATUS',
      access: 'w1c',
      doc: 'events that happened; write 1 to clear. The line is high while IRQ_STATUS & IRQ_ENABLE is not 0',
      fields: interrupts,
    },
    {
      name: 'RING_BASE',
      access: 'rw',
      doc: 'RAM address of slot 0, a multiple of 4. Writing it starts a new stream: RING_HEAD, RING_TAIL and FENCE become 0. Only while idle',
    },
    { name: 'RING_SIZE', access: 'rw', doc: 'slots of the ring. Only while idle' },
    {
      name: 'RING_HEAD',
      access: 'ro',
      doc: 'commands fetched since RING_BASE was written, modulo 2^32; their slots may be written again',
    },
    {
      name: 'RING_TAIL',
      access: 'rw',
      doc: 'the doorbell: commands that are ready since RING_BASE was written, modulo 2^32; at most RING_SIZE ahead of RING_HEAD',
    },
    { name: 'FENCE', access: 'ro', doc: 'sequence number of the last fence that completed' },
    {
      name: 'ERROR_CODE',
      access: 'ro',
      doc: `why the ring stopped: ${Object.entries(errorCodes)
        .map(([name, value]) => `${value} ${name}`)
        .join(', ')}`,
    },
    {
      name: 'ERROR_FIELD',
      access: 'ro',
      doc: 'index of the field to blame in the layout of the command (0 is the opcode), or all ones',
    },
    { name: 'ERROR_ADDRESS', access: 'ro', doc: 'RAM address of the command that failed' },
    { name: 'ERROR_BUS_ADDRESS', access: 'ro', doc: 'bus address that answered with an error (codes bus and fetch)' },
  ]
}

const counterDocs: Readonly<Record<UnitCounter, string>> = {
  busy: 'executed a command, waiting for the RAM port included',
  waitToken: 'had a command but waited for a token',
  waitBus: 'waited for the RAM port while others used it (part of busy)',
}

function counterRows(units: readonly string[]): Omit<RegisterSpec, 'offset'>[] {
  const perUnit = units.flatMap((unit) =>
    unitCounters.map((counter) => ({
      name: `PERF_${upperSnake(unit)}_${upperSnake(counter)}`,
      access: 'ro' as const,
      doc: `SoC cycles in which ${unit} ${counterDocs[counter]}`,
    })),
  )
  const wide = (name: string, doc: string): Omit<RegisterSpec, 'offset'>[] => [
    { name: `PERF_${name}_LO`, access: 'ro', doc: `${doc}, low word` },
    { name: `PERF_${name}_HI`, access: 'ro', doc: `${doc}, high word` },
  ]
  return [
    ...perUnit,
    { name: 'PERF_FRONT_END_BUSY', access: 'ro', doc: 'SoC cycles in which the front end fetched or decoded' },
    { name: 'PERF_FRONT_END_STALLED', access: 'ro', doc: 'SoC cycles in which it waited for room in a queue' },
    { name: 'PERF_COMMANDS', access: 'ro', doc: 'commands that completed, fences included' },
    ...wide('MACS', 'useful multiply-accumulates of commands that completed'),
    ...wide('BYTES_READ', 'bytes that commands read from RAM, without command fetch'),
    ...wide('BYTES_WRITTEN', 'bytes that commands wrote to RAM'),
  ]
}

/** The design parameters, so that firmware can find out what it runs on. */
function configurationRows(parameters: ParameterTable): Omit<RegisterSpec, 'offset'>[] {
  return Object.entries(parameters).map(([name, { unit, doc }]) => ({
    name: `CONFIG_${upperSnake(name)}`,
    access: 'ro',
    reset: (values) => values[name]!,
    doc: `${doc} (${unit})`,
  }))
}
