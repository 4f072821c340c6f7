import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { semihostingFiles } from '../../../sim/cli/semihosting-files.ts'
import { ConsoleInput } from '../../../sim/console-input.ts'
import { Machine, type MachineOptions } from '../../../sim/machine.ts'
import type { HostFiles } from '../../../sim/semihosting/host.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { bytes, START } from '../guest.ts'

const CALL = [0x01f0_1013, 0x0010_0073, 0x4070_5013]
const DATA = START + 0x1000
const BLOCK = START + 0x2000
const [OPEN, CLOSE, WRITEC, WRITE0, WRITE, READ, READC, ISERROR, ISTTY, SEEK] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
const [FLEN, TMPNAM, REMOVE, RENAME, CLOCK, TIME, SYSTEM, ERRNO] = [0xc, 0xd, 0xe, 0xf, 0x10, 0x11, 0x12, 0x13]
const [CMDLINE, HEAPINFO, EXIT, EXIT_EXTENDED, ELAPSED, TICKFREQ] = [0x15, 0x16, 0x18, 0x20, 0x30, 0x31]
const READ_MODE = 0
const WRITE_MODE = 4
const APPEND_MODE = 8

/** A guest that makes one call after the other, as the test says. */
class Caller {
  readonly machine: Machine
  private text = ''

  constructor(options: MachineOptions = {}) {
    const console = (text: string) => (this.text += text)
    this.machine = new Machine(defaultSoc, { console, ...options })
    this.machine.writeMemory(START, bytes([...CALL, 0x6f]))
  }

  get console(): string {
    return this.text
  }

  /** Makes a call with a parameter as it is; returns a0, signed. */
  call(operation: number, parameter: number): number {
    const { hart } = this.machine
    hart.pc = START + 4
    hart.x[10] = operation
    hart.x[11] = parameter | 0
    this.machine.run({ maxInstructions: hart.instructions + 1 })
    return hart.x[10]!
  }

  /** Makes a call with a block of words. */
  block(operation: number, ...words: readonly number[]): number {
    this.machine.writeMemory(BLOCK, bytes(words))
    return this.call(operation, BLOCK)
  }

  /** Puts a text to memory; returns address and length. */
  put(text: string, address = DATA): [address: number, length: number] {
    const encoded = new TextEncoder().encode(text)
    this.machine.writeMemory(address, Uint8Array.from([...encoded, 0]))
    return [address, encoded.length]
  }

  get(address: number, length: number): string {
    return new TextDecoder().decode(this.machine.readMemory(address, length))
  }

  word(address: number): number {
    return new DataView(this.machine.readMemory(address, 4).buffer).getUint32(0, true)
  }

  open(path: string, mode: number): number {
    const [address, length] = this.put(path)
    return this.block(OPEN!, address, mode, length)
  }
}

describe('the console', () => {
  it('takes characters, texts and writes to :tt', () => {
    const guest = new Caller()
    guest.call(WRITEC!, guest.put('A')[0])
    guest.call(WRITE0!, guest.put('bc')[0])
    const handle = guest.open(':tt', WRITE_MODE)
    expect(guest.block(ISTTY!, handle)).toBe(1)
    expect(guest.block(WRITE!, handle, ...guest.put('de\n'))).toBe(0)
    expect(guest.console).toBe('Abcde\n')
  })

  it('gives input by characters and by lines, then its end', () => {
    const guest = new Caller({ input: new ConsoleInput(new TextEncoder().encode('xone\ntwo')) })
    expect(guest.call(READC!, 0)).toBe(0x78)
    const handle = guest.open(':tt', READ_MODE)
    expect(guest.block(READ!, handle, DATA, 20)).toBe(16)
    expect(guest.get(DATA, 4)).toBe('one\n')
    expect(guest.block(READ!, handle, DATA, 20)).toBe(17)
    expect(guest.block(READ!, handle, DATA, 20)).toBe(20)
    expect(guest.call(READC!, 0)).toBe(-1)
  })

  it('waits for input that is still to come, and counts the call once', () => {
    const input = new ConsoleInput(undefined, false)
    const { machine } = new Caller({ input })
    machine.hart.pc = START
    machine.hart.x[10] = READC!
    expect(machine.run()).toMatchObject({ reason: 'input', instructions: 1, cycles: 1 })
    expect(machine.run()).toMatchObject({ reason: 'input', instructions: 1, cycles: 1 })
    input.push(Uint8Array.of(0x41))
    input.end()
    expect(machine.run({ maxInstructions: 2 })).toMatchObject({ reason: 'limit', instructions: 2 })
    expect(machine.hart.x[10]).toBe(0x41)
  })
})

describe('the end', () => {
  it.each([
    ['exit, finished', EXIT!, 0x2_0026, 0],
    ['exit, failed', EXIT!, 0x2_0023, 1],
  ])('%s', (_, operation, reason, code) => {
    const guest = new Caller()
    guest.call(operation, reason)
    expect(guest.machine.run()).toMatchObject({ reason: 'exit', exitCode: code })
  })

  it('exit with a code', () => {
    const guest = new Caller()
    guest.block(EXIT_EXTENDED!, 0x2_0026, 77)
    expect(guest.machine.run()).toMatchObject({ reason: 'exit', exitCode: 77 })
  })
})

it('time is virtual', () => {
  const guest = new Caller()
  guest.machine.hart.cycles = 250_000_000 + 2 ** 32 * 100
  const seconds = (2 ** 32 * 100) / 1e8 + 2.5
  expect(guest.call(TICKFREQ!, 0)).toBe(100_000_000)
  expect(guest.call(TIME!, 0)).toBe(Math.floor(seconds))
  expect(guest.call(CLOCK!, 0)).toBe(Math.floor(seconds * 100) | 0)
  expect(guest.block(ELAPSED!, 0, 0)).toBe(0)
  expect(guest.word(BLOCK + 4)).toBe(100)
})

it('command line, heap, errors, features, and what does not exist', () => {
  const guest = new Caller({ semihosting: { commandLine: 'fw.elf -v' } })
  expect(guest.block(CMDLINE!, DATA, 10)).toBe(0)
  expect([guest.get(DATA, 10), guest.word(BLOCK + 4)]).toEqual(['fw.elf -v\0', 9])
  expect(guest.block(CMDLINE!, DATA, 9)).toBe(-1)
  guest.machine.writeMemory(BLOCK, bytes([DATA]))
  expect(guest.call(HEAPINFO!, BLOCK)).toBe(0)
  expect(guest.word(DATA + 4)).toBe(0x8100_0000)
  expect([guest.block(ISERROR!, -1), guest.block(ISERROR!, 3)]).toEqual([1, 0])
  const handle = guest.open(':semihosting-features', READ_MODE)
  expect([guest.block(FLEN!, handle), guest.block(READ!, handle, DATA, 5), guest.get(DATA, 4)]).toEqual([5, 0, 'SHFB'])
  for (const absent of [SYSTEM!, TMPNAM!, 0x99]) expect(guest.block(absent, DATA, 1)).toBe(-1)
  expect([guest.block(WRITE!, 9, DATA, 1), guest.call(ERRNO!, 0)]).toEqual([-1, 9])
  expect([guest.block(WRITE!, 1, 0x7000_0000, 1), guest.call(ERRNO!, 0)]).toEqual([-1, 14])
  expect([guest.call(READ!, 0x7000_0000), guest.call(ERRNO!, 0)]).toEqual([-1, 14])
})

it('an ebreak without the other two instructions, or after compressed ones, is a breakpoint', () => {
  const machine = new Machine(defaultSoc)
  machine.writeMemory(START, bytes([CALL[0]!, CALL[1]!, 0x13]))
  machine.hart.pc = START
  machine.hart.csrs.write(0x305, START + 0x100)
  machine.run({ maxInstructions: 1 })
  machine.run({ maxCycles: machine.hart.cycles + 1 })
  expect([machine.hart.csrs.read(0x342), machine.hart.csrs.read(0x341) >>> 0]).toEqual([3, START + 4])
})

describe('files', () => {
  let folder: string
  let guest: Caller
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'semihosting-'))
    mkdirSync(join(folder, 'root', 'sub'), { recursive: true })
    writeFileSync(join(folder, 'secret'), 'secret')
    writeFileSync(join(folder, 'root', 'data'), '0123456789')
    guest = new Caller({ semihosting: { files: semihostingFiles(join(folder, 'root')) } })
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const content = (path: string) => readFileSync(join(folder, 'root', path), 'utf8')

  it('are read, at any place', () => {
    const handle = guest.open('data', READ_MODE)
    expect([guest.block(FLEN!, handle), guest.block(ISTTY!, handle), guest.block(SEEK!, handle, 7)]).toEqual([10, 0, 0])
    expect([guest.block(READ!, handle, DATA, 5), guest.get(DATA, 3)]).toEqual([2, '789'])
    expect(guest.block(READ!, handle, DATA, 5)).toBe(5)
    expect(guest.block(WRITE!, handle, DATA, 1)).toBe(-1)
    expect([guest.block(CLOSE!, handle), guest.block(CLOSE!, handle)]).toEqual([0, -1])
  })

  it('are written, emptied, appended to, renamed and removed', () => {
    const handle = guest.open('/sub/new', WRITE_MODE)
    guest.block(WRITE!, handle, ...guest.put('abc'))
    guest.block(WRITE!, handle, ...guest.put('de'))
    expect(content('sub/new')).toBe('abcde')
    const more = guest.open('sub/new', APPEND_MODE)
    guest.block(WRITE!, more, ...guest.put('f'))
    expect(content('sub/new')).toBe('abcdef')
    expect(guest.block(RENAME!, ...guest.put('sub/new'), ...guest.put('moved', DATA + 64))).toBe(0)
    expect(content('moved')).toBe('abcdef')
    guest.open('moved', WRITE_MODE)
    expect(content('moved')).toBe('')
    expect(guest.block(REMOVE!, ...guest.put('moved'))).toBe(0)
    expect(readdirSync(join(folder, 'root')).sort()).toEqual(['data', 'sub'])
  })

  it.each([
    '../secret',
    'sub/../../secret',
    '/../secret',
    '..\\secret',
    'link',
    'folder/secret',
    'dangling',
    '..',
    '/',
    '',
    'sub',
    'data\0',
  ])('refuses %j', (path) => {
    symlinkSync('../secret', join(folder, 'root', 'link'))
    symlinkSync('..', join(folder, 'root', 'folder'))
    symlinkSync('../made', join(folder, 'root', 'dangling'))
    for (const mode of [READ_MODE, WRITE_MODE, APPEND_MODE]) expect(guest.open(path, mode)).toBe(-1)
    expect(guest.block(REMOVE!, ...guest.put(path))).toBe(-1)
    expect(guest.block(RENAME!, ...guest.put('data'), ...guest.put(path, DATA + 64))).toBe(-1)
    expect(readdirSync(folder).sort()).toEqual(['root', 'secret'])
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('secret')
  })

  it('go on at their place after a restore', () => {
    const handle = guest.open('data', READ_MODE)
    guest.block(READ!, handle, DATA, 4)
    const state = guest.machine.save()
    const other = new Caller({ semihosting: { files: semihostingFiles(join(folder, 'root')) } })
    other.machine.restore(state)
    expect([other.block(READ!, handle, DATA, 2), other.get(DATA, 2)]).toEqual([0, '45'])
  })

  it('none exist without a root', () => {
    const none = new Caller()
    expect([none.open('data', READ_MODE), none.call(ERRNO!, 0)]).toEqual([-1, 13])
    expect(none.block(REMOVE!, ...none.put('data'))).toBe(-1)
  })

  it('no more than 64 are open', () => {
    const files: HostFiles = semihostingFiles(join(folder, 'root'))
    const many = new Caller({ semihosting: { files } })
    const handles = Array.from({ length: 65 }, () => many.open('data', READ_MODE))
    expect(handles.slice(62)).toEqual([63, 64, -1])
  })
})
