/** What a guest gets from the command line: console input, flat binaries, the device tree, semihosting. */
import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildProgram, programFile } from '../../../programs/build.ts'
import { withDeviceTree } from '../../../sim/cli/boot-images.ts'
import { flatImage } from '../../../sim/elf/flat.ts'
import { Machine } from '../../../sim/machine.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { deviceTree } from '../../../sim/soc/device-tree.ts'
import { encodeDtb } from '../../../sim/soc/device-tree-blob.ts'
import { expectedConsole } from '../../programs/firmware.ts'
import { asm, bytes, li, START } from '../guest.ts'

const folder = mkdtempSync(join(tmpdir(), 'guest-input-'))
const echo = join(folder, 'echo.elf')
const hello = join(folder, 'hello.elf')
const input = programFile('uart-echo', 'input.txt')
beforeAll(async () => {
  writeFileSync(echo, await buildProgram({ name: 'uart-echo' }))
  writeFileSync(hello, await buildProgram({ name: 'hello' }))
})
afterAll(() => rmSync(folder, { recursive: true }))

const main = fileURLToPath(new URL('../../../sim/cli/main.ts', import.meta.url))

/** Runs `sim run --json`; `stdin` is a file, pieces that come one after the other, or a pipe that stays open and silent. */
async function run(args: readonly string[], stdin: 'silent' | { file: string } | readonly string[] = []) {
  const file = typeof stdin === 'object' && 'file' in stdin ? openSync(stdin.file, 'r') : undefined
  const command = [
    '--import',
    import.meta.resolve('tsx'),
    main,
    'run',
    '--json',
    '--max-instructions',
    '1000000',
    ...args,
  ]
  const child = spawn(process.execPath, command, { stdio: [file ?? 'pipe', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout!.on('data', (data) => (out += data))
  child.stderr!.on('data', (data) => (err += data))
  child.stdin?.on('error', () => {})
  if (Array.isArray(stdin)) {
    for (const piece of stdin as readonly string[]) child.stdin!.write(piece)
    child.stdin!.end()
  }
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (file !== undefined) closeSync(file)
  const { host: _, ...result } = out === '' ? { host: undefined } : JSON.parse(out)
  return { code, err, result }
}

describe.concurrent('console input', () => {
  it('is the same run from a named file, a redirected file and a pipe, whatever its pieces', async () => {
    const text = readFileSync(input, 'utf8')
    const named = await run([echo, '--stdin', input])
    expect(named.result).toMatchObject({ reason: 'exit', exitCode: 0, console: expectedConsole('uart-echo') })
    const others = [{ file: input }, [text], [text.slice(0, 3), text.slice(3)]] as const
    for (const stdin of others) expect((await run([echo], stdin)).result).toEqual(named.result)
  })

  it('that ends while the guest waits for it is a deadlock that says so', async () => {
    const { code, result } = await run([echo], ['short\n'])
    expect(code).toBe(126)
    expect(result).toMatchObject({ reason: 'deadlock', console: 'ready\nSHORT\n' })
    expect(result.explanation).toContain('uart0 waits for input, but the console input has ended')
  })

  it('is not waited for by a guest that never looks for it', async () => {
    expect((await run([hello], 'silent')).result).toMatchObject({ reason: 'exit', exitCode: 0 })
  })

  it('refuses a file that is not there', async () => {
    expect(await run([hello, '--stdin', 'nosuch'])).toMatchObject({ code: 125, err: expect.stringContaining('nosuch') })
  })
})

describe.concurrent('what is loaded', () => {
  /** Exits with the word at an address. */
  const exitWith = (address: number) => [
    ...li(5, address),
    asm('lw', { rd: 6, rs1: 5 }),
    ...li(5, 0xf000_0000),
    asm('sw', { rs1: 5, rs2: 6, imm: 8 }),
  ]
  const binary = (name: string, words: readonly number[]) => {
    writeFileSync(join(folder, name), bytes(words))
    return join(folder, name)
  }

  it('flat binaries: the first is entered, the others are data, in ROM too', async () => {
    const program = binary('program.bin', exitWith(0x2000))
    const data = binary('data.bin', [55])
    expect((await run(['--load', `${START}:${program}`, '--load', `0x2000:${data}`])).result.exitCode).toBe(55)
    expect((await run(['--load', `0x1000:${program}`, '--load', `0x2000:${data}`])).result.exitCode).toBe(55)
  })

  it('beside an ELF, which is entered', async () => {
    const data = binary('more.bin', [1])
    expect((await run([hello, '--load', `0x80800000:${data}`])).result.exitCode).toBe(0)
  })

  it.each([
    [[], 'there is nothing to run'],
    [['--load', 'x'], 'It must look like 0x80000000:firmware.bin.'],
    [['--load', '0x80000000:nosuch'], 'there is no such file'],
    [['--load', `0x70000000:${input}`], 'is not in memory'],
    [['--semihosting-root', 'nosuch', hello], 'there is no such folder'],
  ])('%j is refused', async (args, message) => {
    expect(await run(args)).toMatchObject({ code: 125, err: expect.stringContaining(message) })
  })
})

describe('the device tree', () => {
  it('stands at the end of the ROM, its address in a1 and the number of the hart in a0', () => {
    const machine = new Machine(defaultSoc, { isa: 'rv32imc' })
    withDeviceTree(machine, [])
    const address = machine.hart.x[11]! >>> 0
    const soc = { ...defaultSoc, hart: { ...defaultSoc.hart, isa: machine.hart.isa.name } }
    const tree = encodeDtb(deviceTree(soc))
    expect([machine.hart.x[10], address % 8, machine.readMemory(address, tree.length)]).toEqual([0, 0, tree])
  })

  it('is refused without room for it', () => {
    const rom = flatImage(0x1000, new Uint8Array(0xf000), 'boot.bin')
    expect(() => withDeviceTree(new Machine(defaultSoc), [rom])).toThrow('does not fit the ROM')
    const blocks = defaultSoc.blocks.filter(({ kind }) => kind !== 'rom')
    expect(() => withDeviceTree(new Machine({ ...defaultSoc, blocks }), [])).toThrow('has no ROM')
  })

  it('read-only memory refuses stores', () => {
    const machine = new Machine(defaultSoc)
    machine.writeMemory(START, bytes([...li(5, 0x1000), asm('sw', { rs1: 5, rs2: 5 })]))
    machine.hart.pc = START
    machine.run({ maxInstructions: 2 })
    machine.run({ maxCycles: machine.hart.cycles + 1 })
    expect([machine.hart.csrs.read(0x342), machine.hart.csrs.read(0x343)]).toEqual([7, 0x1000])
  })
})
