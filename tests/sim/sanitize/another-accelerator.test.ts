import { describe, expect, it } from 'vitest'
import { address, commandsOf, defineAccelerator, type ParameterValues, u32 } from '../../../sim/accel/description.ts'
import { CommandFormat } from '../../../sim/accel/layout.ts'
import { ringRegisters } from '../../../sim/accel/ring-registers.ts'
import { Sequencer } from '../../../sim/accel/sequencer.ts'
import { EventQueue } from '../../../sim/events.ts'
import { Sanitizer } from '../../../sim/sanitize/sanitizer.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'

/** Nothing of `cnn`: two units of other names, one memory, two commands. */
const parameters = {} as const
const command = commandsOf<ParameterValues<typeof parameters>>()
const units = ['reader', 'writer'] as const
const fields = { ram: address('ram', 'in RAM'), pad: address('pad', 'in the pad'), bytes: u32('how many') } as const
const plain = { fields, check: () => undefined, cycles: () => ({ cycles: 10 }), execute: () => undefined }
const tiny = defineAccelerator({
  name: 'tiny',
  doc: 'copies through a pad',
  parameters,
  memories: () => ({ pad: { bytes: 1024, portBytes: 4, banks: 1, doc: 'pad' } }),
  units,
  frontEnd: {
    kind: 'ring',
    bytesPerCommand: 16,
    timing: () => ({ clockDivider: 1, queueDepth: 2, fetch: { cycles: 1 }, decodeCycles: 1 }),
  },
  registers: ringRegisters({ id: 1, version: 1, units, parameters }),
  commands: {
    take: command({
      ...plain,
      opcode: 1,
      unit: 'reader',
      doc: 'RAM to pad',
      touches: ({ ram, pad, bytes }) => [
        { memory: 'ram', access: 'read', start: ram, bytes },
        { memory: 'pad', access: 'write', start: pad, bytes },
      ],
    }),
    give: command({
      ...plain,
      opcode: 2,
      unit: 'writer',
      doc: 'pad to RAM',
      touches: ({ ram, pad, bytes }) => [
        { memory: 'pad', access: 'read', start: pad, bytes },
        { memory: 'ram', access: 'write', start: ram, bytes },
      ],
    }),
  },
})

const RAM = 0x8000_0000
const READER = 1
const WRITER = 2

/** Kinds that are found when these commands run from one doorbell. */
function findingsOf(
  commands: readonly (readonly [name: string, fields: Readonly<Record<string, number>>])[],
): string[] {
  const format = new CommandFormat(tiny)
  const stream = new Uint8Array(commands.length * format.bytes)
  for (const [index, [name, values]] of commands.entries()) format.encode(name, values, stream, index * format.bytes)
  const sanitizer = new Sanitizer({ soc: defaultSoc, accelerator: tiny })
  sanitizer.hostWrite(RAM, 4096)
  const events = new EventQueue()
  const fetch = (at: number, into: Uint8Array) => {
    into.set(stream.subarray(at - RAM, at - RAM + into.length))
    return true
  }
  const effects = { fetch, execute: () => undefined, fence: () => undefined, stopped: () => undefined }
  const sequencer = new Sequencer(tiny, {}, events, effects, sanitizer.accelerator)
  const write = (register: string, value: number) => {
    const { offset } = tiny.registers.find(({ name }) => name === register)!
    sanitizer.device({ at: 0, pc: 0, region: 'accelerator', offset, size: 4, write: true, value })
  }
  sequencer.open(RAM, commands.length)
  write('CONTROL', 1)
  sequencer.submit(commands.length)
  write('RING_TAIL', commands.length)
  sequencer.enable(true)
  while (events.next < Number.POSITIVE_INFINITY) events.advanceTo(events.next)
  return sanitizer.findings.map(({ kind, message }) => `${kind}: ${message.split(':')[0]}`)
}

const take = { ram: RAM + 1024, pad: 0, bytes: 64 }
const give = { ram: RAM + 2048, pad: 0, bytes: 64 }

describe('an accelerator that the sanitizer has never seen', () => {
  it('is silent when tokens order its units', () => {
    expect(
      findingsOf([
        ['take', { ...take, signal: WRITER }],
        ['give', { ...give, wait: READER }],
      ]),
    ).toEqual([])
  })

  it('has a race when they do not', () => {
    expect(
      findingsOf([
        ['take', take],
        ['give', give],
      ]),
    ).toEqual(['unordered-read: give (command 1) may read pad 0x00000000 before take (command 0) has written it'])
  })

  it('reads what nobody has written', () => {
    const over = { ...give, wait: READER, bytes: 65 }
    expect(
      findingsOf([
        ['take', { ...take, signal: WRITER }],
        ['give', over],
      ]),
    ).toEqual([expect.stringMatching(/^uninitialised-scratchpad: give \(command 1\) reads pad 0x00000040/)])
  })
})
