import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../../sim/diagnostic.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import { Machine, type MachineOptions } from '../../../sim/machine.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { bytes, exit, START } from '../guest.ts'
import { type ElfContents, makeElf } from './make-elf.ts'

const contents: ElfContents = {
  entry: START,
  segments: [
    { address: START, bytes: bytes(exit) },
    { address: START + 0x1000, bytes: Uint8Array.of(1, 2, 3), memorySize: 64 },
  ],
  symbols: [
    { name: '_start', address: START, size: 0, type: 0 },
    { name: 'main', address: START + 8, size: 8 },
    { name: 'data', address: START + 0x1000, type: 1 },
    { name: '$x', address: START },
    { name: 'file.c', address: 0, type: 4 },
  ],
  arch: 'rv32i2p1_m2p0_zicsr2p0',
}
const good = makeElf(contents)

/** The code of the refusal. */
async function refusal(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt()
    return 'accepted'
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    expect(error.render()).toMatch(/^test\.elf: .+; .+$/)
    return error.code
  }
}
const changed = (changes: Readonly<Record<number, number>>) => {
  const copy = good.slice()
  for (const [offset, value] of Object.entries(changes)) copy[Number(offset)] = value
  return copy
}

describe('a good file', () => {
  it('gives entry, segments, symbols, flags and architecture', async () => {
    const image = await loadElf(good, 'test.elf')
    expect(image).toMatchObject({ name: 'test.elf', entry: START, flags: 0, arch: contents.arch })
    expect(image.segments.map(({ address, memorySize }) => [address, memorySize])).toEqual([
      [START, exit.length * 4],
      [START + 0x1000, 64],
    ])
    expect(image.symbols.all.map((symbol) => symbol.name).sort()).toEqual(['_start', 'data', 'main'])
  })

  it('runs', async () => {
    const machine = new Machine(defaultSoc)
    machine.writeMemory(START + 0x1000, new Uint8Array(64).fill(9))
    machine.load(await loadElf(good, 'test.elf'))
    expect(machine.run().exitCode).toBe(0)
    expect([...machine.readMemory(START + 0x1000, 5)]).toEqual([1, 2, 3, 0, 0])
  })

  it('finds the function of a pc', async () => {
    const { symbols } = await loadElf(good, 'test.elf')
    const places = [START, START + 4, START + 8, START + 14, START + 16, START - 4]
    expect(places.map((pc) => symbols.describe(pc))).toEqual([
      '_start',
      '_start+0x4',
      'main',
      'main+0x6',
      undefined,
      undefined,
    ])
  })

  it('loads from a Buffer inside a larger one, and leaves it as it was', async () => {
    const pool = Buffer.alloc(good.length + 100)
    const buffer = pool.subarray(50, 50 + good.length)
    buffer.set(good)
    expect((await loadElf(buffer, 'test.elf')).symbols.all).toHaveLength(3)
    expect(new Uint8Array(buffer)).toEqual(good)
  })

  it('needs no section headers', async () => {
    const stripped = changed({ 32: 0, 33: 0, 34: 0, 35: 0, 48: 0, 49: 0 })
    expect((await loadElf(stripped, 'test.elf')).segments).toHaveLength(2)
  })
})

describe('refused', () => {
  it.each([
    ['elf-magic', new Uint8Array(0)],
    ['elf-magic', new TextEncoder().encode('int main(void) { return 0; }')],
    ['elf-class', changed({ 4: 2 })],
    ['elf-endianness', changed({ 5: 2 })],
    ['elf-machine', changed({ 18: 40 })],
    ['elf-type', changed({ 16: 1 })],
    ['elf-type', changed({ 16: 4 })],
    ['elf-dynamic', changed({ 16: 3, 52: 3 })],
    ['elf-damaged', changed({ 6: 9 })],
    ['elf-damaged', changed({ 28: 0xff, 29: 0xff })],
    ['elf-damaged', changed({ 35: 0x7f })],
    ['elf-damaged', good.slice(0, 40)],
    ['elf-damaged', good.slice(0, 200)],
    ['elf-damaged', good.slice(0, -1)],
    ['elf-empty', changed({ 52: 0, 84: 0 })],
  ])('%s', async (code, file) => expect(await refusal(() => loadElf(file, 'test.elf'))).toBe(code))

  const load = async (elf: Partial<ElfContents>, options: MachineOptions = {}) =>
    refusal(async () =>
      new Machine(defaultSoc, options).load(await loadElf(makeElf({ ...contents, ...elf }), 'test.elf')),
    )

  it('a segment outside of memory, or partly', async () => {
    const at = (address: number) => load({ segments: [{ address, bytes: bytes(exit) }] })
    expect(await at(0x2000_0000)).toBe('elf-memory')
    expect(await at(START + (16 << 20) - 4)).toBe('elf-memory')
    expect(await at(0x1000_0000)).toBe('elf-memory')
  })

  it('compressed code on a hart without it, by its flags or its attributes', async () => {
    expect(await load({ flags: 1 })).toBe('elf-isa')
    expect(await load({ arch: 'rv32i2p1_c2p0' })).toBe('elf-isa')
    expect(await load({ flags: 1, arch: 'rv32i2p1_c2p0_zca1p0' }, { isa: 'rv32imc' })).toBe('accepted')
  })

  it('floating point', async () => {
    expect(await load({ flags: 2 })).toBe('elf-float')
    expect(await load({ arch: 'rv32i2p1_f2p2' })).toBe('elf-isa')
  })

  it('an entry point where no instruction can be', async () => {
    expect(await load({ entry: 0 })).toBe('elf-entry')
    expect(await load({ entry: 0x1000_0000 })).toBe('elf-entry')
    expect(await load({ entry: START + 1 })).toBe('elf-entry')
  })

  it('says which flag to add', async () => {
    const image = await loadElf(makeElf({ ...contents, flags: 1 }), 'test.elf')
    expect(() => new Machine(defaultSoc).load(image)).toThrow(
      expect.objectContaining({ hint: 'add --isa rv32imc_zicsr_zifencei' }),
    )
  })
})

describe('accepted', () => {
  it('an entry point that is not where the program begins', async () => {
    const machine = new Machine(defaultSoc)
    const segments = [{ address: START, bytes: bytes([0, 0, ...exit]) }]
    machine.load(await loadElf(makeElf({ entry: START + 8, segments }), 'test.elf'))
    expect(machine.run()).toMatchObject({ reason: 'exit', instructions: exit.length })
  })

  it('headers of the file before the first memory, as -Ttext alone links them: they are left out', async () => {
    const linked = makeElf({ ...contents, segments: [{ address: START, bytes: bytes(exit) }] })
    const view = new DataView(linked.buffer)
    const [segment, sections] = [52, view.getUint32(32, true)]
    const code = view.getUint32(segment + 4, true)
    const size = view.getUint32(segment + 16, true)
    // The program's segment begins with the file, and its section says where the program itself does.
    for (const [field, value] of [0, START - code, START - code, size + code, size + code].entries())
      view.setUint32(segment + 4 + field * 4, value, true)
    for (const [field, value] of [1, 6, START, code, size].entries())
      view.setUint32(sections + 40 + 4 + field * 4, value, true)
    const machine = new Machine(defaultSoc)
    machine.load(await loadElf(linked, 'test.elf'))
    expect(machine.run().exitCode).toBe(0)
  })

  it('position-independent code, at the addresses it was linked for', async () => {
    const machine = new Machine(defaultSoc)
    machine.load(await loadElf(changed({ 16: 3 }), 'test.elf'))
    expect(machine.run().exitCode).toBe(0)
  })

  it('code built for extensions that no hart has, when the user names the ISA: they trap where they are met', async () => {
    const float = makeElf({ ...contents, arch: 'rv32i2p1_m2p0_f2p2' })
    const image = await loadElf(float, 'test.elf')
    expect(() => new Machine(defaultSoc).load(image)).toThrow(
      expect.objectContaining({
        code: 'elf-isa',
        hint: 'build it without f, or add --isa rv32im_zicsr_zifencei if it can do without',
      }),
    )
    const messages: string[] = []
    const machine = new Machine(defaultSoc, { isa: 'rv32im', diagnostic: (message) => messages.push(message) })
    machine.load(image)
    expect(machine.run().exitCode).toBe(0)
    expect(messages).toEqual(['test.elf was built for f, which no hart has: instructions of it are illegal'])
  })

  it('but not for extensions that the hart could have', async () => {
    const image = await loadElf(makeElf({ ...contents, arch: 'rv32i2p1_a2p1_f2p2' }), 'test.elf')
    expect(() => new Machine(defaultSoc, { isa: 'rv32im' }).load(image)).toThrow(
      expect.objectContaining({
        message: 'it needs the extension a, f, which the hart (rv32im_zicsr_zifencei) lacks',
        hint: 'build it without f, or add --isa rv32ima_zicsr_zifencei if it can do without',
      }),
    )
  })
})

describe('damaged files', () => {
  const attempt = (file: Uint8Array) =>
    refusal(async () => new Machine(defaultSoc).load(await loadElf(file, 'test.elf')))

  it('cut anywhere', async () => {
    for (let length = 0; length < good.length; length++) {
      expect(await refusal(() => loadElf(good.slice(0, length), 'test.elf'))).not.toBe('accepted')
    }
  })

  it('with changed bytes, are accepted or refused, never anything else', { timeout: 60_000 }, async () => {
    const change = fc.tuple(fc.nat(good.length - 1), fc.oneof(fc.nat(255), fc.constantFrom(0, 0x7f, 0x80, 0xff)))
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        await attempt(changed(Object.fromEntries(changes)))
      }),
      { numRuns: 400, seed: 7 },
    )
  })

  it('of random bytes behind an ELF header', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (tail) => {
        await attempt(Uint8Array.from([...good.slice(0, 20), ...tail]))
      }),
      { numRuns: 300, seed: 8 },
    )
  })
})
