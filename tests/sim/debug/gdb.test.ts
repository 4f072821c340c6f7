import { execFile, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serveGdb } from '../../../sim/cli/gdb-server.ts'
import { ConsoleInput } from '../../../sim/console-input.ts'
import type { ElfImage } from '../../../sim/elf/image.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import type { RunResult } from '../../../sim/run-result.ts'
import { restoreSnapshot } from '../../../sim/snapshot/file.ts'
import { asm, bytes } from '../guest.ts'
import { machine } from '../snapshot/machines.ts'
import { buildDebugFirmware, folder, gdb, missing, removeFolder } from './firmware.ts'

if (missing.length > 0) console.warn(`GDB is not tested: ${missing.join(' and ')} not installed`)
const main = fileURLToPath(new URL('../../../sim/cli/main.ts', import.meta.url))

describe.skipIf(missing.length > 0)('gdb-multiarch', () => {
  let elf = ''
  let image: ElfImage

  beforeAll(async () => {
    elf = buildDebugFirmware()
    image = await loadElf(readFileSync(elf), elf)
  })
  afterAll(removeFolder)

  function script(port: number, commands: string): string[] {
    const lines = ['set pagination off', 'set confirm off', 'set architecture riscv:rv32', `target remote :${port}`]
    const file = join(folder, `${port}-${script.count++}.gdb`)
    writeFileSync(file, [...lines, ...commands.trim().split('\n')].map((line) => `${line.trim()}\n`).join(''))
    return ['-nx', '-batch', '-x', file, elf]
  }
  script.count = 0

  function gdbRuns(port: number, commands: string): Promise<string> {
    return new Promise((resolve) => {
      execFile(gdb!, script(port, commands), { timeout: 50_000 }, (_error, out, err) => resolve(out + err))
    })
  }

  /** A machine that waits for debuggers, and how its program ends. */
  async function serve(input?: PassThrough) {
    const written: string[] = []
    const live = input === undefined ? {} : { input: new ConsoleInput(undefined, false) }
    const subject = machine({ console: (text) => written.push(text), ...live })
    subject.load(image)
    let ended: Promise<RunResult> = Promise.reject(new Error('not started'))
    ended.catch(() => {})
    const port = await new Promise<number>((resolve) => {
      const report = (message: string) => resolve(Number(/127\.0\.0\.1:(\d+)/.exec(message)?.[1]))
      ended = serveGdb(subject, { port: 0, report, ...(input === undefined ? {} : { input }) })
    })
    return { subject, port, ended, written }
  }

  /** What GDB writes while it runs these commands, then kills the program. */
  async function debug(commands: string, input?: PassThrough): Promise<string> {
    const { port, ended } = await serve(input)
    const out = await gdbRuns(port, `${commands}\nkill`)
    await ended
    return out
  }

  test('stops at a function, with its callers and arguments', async () => {
    const out = await debug('break accumulate\ncontinue\nbacktrace\ninfo args\ncontinue\nprint value')
    expect(out).toContain('Breakpoint 1, accumulate (value=3) at main.c:')
    expect(out).toMatch(
      /#0 {2}accumulate \(value=3\)[\s\S]*#1 {2}0x[0-9a-f]+ in work \(\)[\s\S]*#2 {2}0x[0-9a-f]+ in main \(\)/,
    )
    expect(out).toContain('$1 = 1')
  })

  test('steps into, over and out of functions', async () => {
    const out = await debug(`break work\ncontinue\nnext\nstep\nstep\nnext\nprint doubled\nfinish\nstepi\nx/i $pc`)
    expect(out).toContain('int doubled = value * 2')
    expect(out).toContain('$1 = 6')
    expect(out).toMatch(/\$1 = 6\nwork \(\) at main\.c:/)
    expect(out).toMatch(/=> 0x[0-9a-f]+ <work\+\d+>:/)
  })

  test('hardware and temporary breakpoints, conditions and ignore counts', async () => {
    const out = await debug(
      `hbreak factorial if n == 2\ncontinue\nprint n\nbacktrace -3\ndelete\ntbreak main.c:18\ncontinue`,
    )
    expect(out).toContain('Hardware assisted breakpoint 1')
    expect(out).toContain('$1 = 2')
    expect(out).toContain('factorial (n=5)')
  })

  test('watches writes, reads and both', async () => {
    const out = await debug(`
      watch total
      continue
      continue
      delete
      rwatch reads
      awatch numbers[3]
      continue
      continue
      continue
      print $_`)
    expect(out).toMatch(
      /Hardware watchpoint 1: total\n\nOld value = 0\nNew value = 6[\s\S]*Old value = 6\nNew value = 8/,
    )
    expect(out).toMatch(/Hardware access \(read\/write\) watchpoint 3: numbers\[3\]\n\nValue = 1/)
  })

  test('a watched value that is read stops, one that is only written does not', async () => {
    const out = await debug(`rwatch total\ncontinue\nx/i $pc-4\ncontinue`)
    expect(out).toMatch(/Hardware read watchpoint 1: total\n\nValue = 0/)
    expect(out).toContain('Value = 6')
  })

  test('shows and changes registers, control registers, memory and variables', async () => {
    const out = await debug(`
      info registers sp pc mstatus misa mtvec
      set var $a0 = 0x1234
      print/x $a0
      set var $mscratch = 77
      print $mscratch
      break work
      continue
      set var numbers = {10, 0, 0, 0, 4}
      print numbers
      x/2xw &numbers
      break factorial
      continue
      print total
      print/x *(unsigned *)0x02004000
      print/x *(unsigned char *)0x10000005`)
    expect(out).toMatch(/misa +0x40[01]01100/)
    expect(out).toContain('$1 = 0x1234')
    expect(out).toContain('$2 = 77')
    expect(out).toContain('$3 = {10, 0, 0, 0, 4}')
    expect(out).toMatch(/<numbers>:\s+0x0000000a\s+0x00000000/)
    expect(out).toContain('$4 = 28')
    expect(out).toContain('$5 = 0xffffffff')
    expect(out).toContain('$6 = 0x60')
  })

  test('memory that is not there is an error, not an end', async () => {
    const out = await debug(
      'python\ntry: gdb.execute("x/w 0x70000000")\nexcept gdb.error as error: print(error)\nend\nprint $pc',
    )
    expect(out).toContain('Cannot access memory at address 0x70000000')
    expect(out).toContain('$1 = ')
  })

  test('goes back: steps, lines, breakpoints, watchpoints, to the beginning', async () => {
    const out = await debug(`
      break factorial
      continue
      delete
      reverse-finish
      print total
      watch total
      reverse-continue
      print total
      reverse-continue
      print total
      delete
      break accumulate
      reverse-continue
      print value
      reverse-stepi
      x/i $pc
      reverse-step
      reverse-next
      delete
      reverse-continue
      print $pc == &_start
      print reads
      print total
      monitor cycles`)
    expect(out).toMatch(
      /\$1 = 28[\s\S]*Old value = 28\nNew value = 18[\s\S]*\$2 = 18[\s\S]*Old value = 18\nNew value = 16[\s\S]*\$3 = 16/,
    )
    expect(out).toContain('$4 = 1\n')
    expect(out).toContain('No more reverse-execution history')
    expect(out).toMatch(/\$5 = 1\n\$6 = 0\n\$7 = 0\n/)
    expect(out).toMatch(/\n0\n$/)
  })

  test('reverse-next steps over calls, and forward the same happens again', async () => {
    const out = await debug(`
      break factorial
      continue
      delete
      reverse-finish
      reverse-next
      reverse-next
      next
      next
      print result`)
    expect(out).toMatch(/36\s+work\(\);\n37[\s\S]*\n38[\s\S]*\$1 = 120/)
  })

  test('monitor commands', async () => {
    const file = join(folder, 'state.snap')
    const out = await debug(`
      break work
      continue
      monitor cycles
      monitor instructions
      monitor accelerator
      monitor snapshot ${file}
      monitor reset
      monitor cycles
      maintenance flush register-cache
      print $pc == &_start
      monitor help
      monitor nonsense`)
    expect(out).toMatch(/\n\d+\n\d+\ncnn: idle; 0 of 0 commands fetched\nload: idle/)
    expect(out).toContain(`saved ${file}\nreset\n0\n`)
    expect(out).toContain('$1 = 1')
    expect(out.split('snapshot FILE')).toHaveLength(3)
    const restored = machine()
    restored.load(image)
    restoreSnapshot(restored, readFileSync(file), file)
    expect(restored.symbols.functionAt(restored.hart.pc)?.name).toBe('work')
    expect(restored.run()).toMatchObject({ reason: 'exit', exitCode: 7, console: 'begin\nend\n' })
  })

  test('hears of the exit code', async () => {
    const { port, ended, written } = await serve()
    const out = await gdbRuns(port, 'continue\nprint $_exitcode')
    expect(out).toContain('exited with code 07')
    expect(out).toContain('$1 = 7')
    expect(await ended).toMatchObject({ reason: 'exit', exitCode: 7 })
    expect(written.join('')).toBe('begin\nend\n')
  })

  test('a trap that leads nowhere stops the program where it happened', async () => {
    const out = await debug('set var $mtvec = 0\nset var $pc = 0x70000000\ncontinue\nprint $mcause\nreverse-stepi')
    expect(out).toContain('Program received signal SIGSEGV')
    expect(out).toContain('$1 = 1')
  })

  test('interrupts a program that runs for ever, and leaves it to the next debugger', async () => {
    const { port, ended } = await serve()
    const interrupted = await new Promise<string>((resolve) => {
      const child = spawn(
        gdb!,
        script(port, 'break main\ncontinue\nset var $pc = forever\ncontinue\nprint ticks > 3\ndetach'),
      )
      let out = ''
      child.stderr.on('data', (data) => (out += data))
      child.stdout.on('data', (data) => (out += data))
      setTimeout(() => child.kill('SIGINT'), 6000)
      child.on('close', () => resolve(out))
    })
    expect(interrupted).toContain('Program received signal SIGINT')
    const again = await gdbRuns(port, 'info symbol $pc\nprint ticks > 0\ndisconnect')
    expect(again).toMatch(/forever|tick|trap_entry|timer|interrupt/)
    expect(again).toContain('$1 = 1')
    const last = await gdbRuns(port, 'print ticks > 0\nkill')
    expect(last).toContain('$1 = 1')
    await ended
  })

  test('console input is part of the past', async () => {
    const input = new PassThrough()
    input.write('A')
    const out = await debug(
      `
      break main
      continue
      monitor input B
      set var $pc = listen
      watch received
      continue
      continue
      continue
      print/x received
      reverse-continue
      reverse-continue
      print received
      continue
      continue
      print received == ('A' << 16 | 'B' << 8 | '\\n')`,
      input,
    )
    expect(out).toMatch(/\$1 = 0x41420a[\s\S]*\$2 = 65[\s\S]*\$3 = 1\n/)
  })

  test('a second debugger is turned away, garbage on the line does no harm', async () => {
    const { port, ended } = await serve()
    const first = connect(port, '127.0.0.1')
    await new Promise((resolve) => first.once('connect', resolve))
    const second = connect(port, '127.0.0.1')
    await new Promise((resolve) => second.once('close', resolve))
    first.write(Buffer.from([0, 255, 3, 36, 36, 35, 48, 48, 36, 103]))
    first.destroy()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await gdbRuns(port, 'continue')).toContain('exited with code 07')
    await ended
  })

  test('a debugger that has detached makes room for the next one at once, whatever became of its connection', async () => {
    const { subject, port, ended } = await serve()
    subject.writeMemory(subject.hart.pc, bytes([asm('addi', { rd: 1, rs1: 1, imm: 1 }), asm('jal', { imm: -4 })]))
    const debuggers: Socket[] = []
    /** What a new debugger is answered; its connection stays open. */
    const ask = (packet: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(port, '127.0.0.1')
        debuggers.push(socket)
        socket.on('data', (data) => resolve(String(data))).on('close', () => resolve('turned away'))
        socket.write(packet)
      })
    expect(await ask('$D#44')).toContain('$OK#9a')
    expect(await ask('$?#3f')).toContain('$T05')
    expect(await ask('$?#3f')).toBe('turned away')
    debuggers[1]?.write('$k#6b')
    expect(await ended).toMatchObject({ explanation: 'the debugger killed it' })
  })

  test('sim run --gdb tells the port, and ends with the exit code of the guest', async () => {
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), main, 'run', elf, '--gdb'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    child.stdout.on('data', (data) => (out += data))
    const code = new Promise((resolve) => child.on('close', resolve))
    const port = await new Promise<number>((resolve) => {
      child.stderr.on('data', (data) => {
        const found = /127\.0\.0\.1:(\d+)/.exec(String(data))
        if (found !== null) resolve(Number(found[1]))
      })
    })
    expect(await gdbRuns(port, 'break work\ncontinue\ncontinue')).toContain('Breakpoint 1, work ()')
    expect(await code).toBe(7)
    expect(out).toBe('begin\nend\n')
  })
})
