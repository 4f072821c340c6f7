import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DebugInfo, debugInfo } from '../../../sim/debug-info/debug-info.ts'
import { loadElf } from '../../../sim/elf/load.ts'

const START = 0x8000_0000

/** Inlined two levels deep, a loop, a switch, and a function that the linker drops. */
const SOURCE = `
volatile int sink;
static inline __attribute__((always_inline)) int square(int x)
{
  return x * x + sink;
}
static inline __attribute__((always_inline)) int norm(int x, int y)
{
  int sum = square(x);
  sum += square(y);
  return sum;
}
int unused(int a) { return norm(a, sink); }
__attribute__((noinline)) int work(int n)
{
  int sum = 0;
  for (int i = 0; i < n; i++) {
    switch (sink) {
    case 0: sum += norm(i, n); break;
    case 1: sum -= square(i); break;
    default: sum ^= sink;
    }
  }
  return sum;
}
void _start(void)
{
  sink = work(7);
  for (;;)
    ;
}
`

const gcc = (...flags: string[]) => ['riscv64-unknown-elf-gcc', '-march=rv32imc', '-Wl,-Ttext=0x80000000', ...flags]
const clang = (...flags: string[]) => {
  const target = ['--target=riscv32-unknown-elf', '-march=rv32im', '-fuse-ld=lld', '-Wl,--image-base=0x80000000']
  return ['clang', ...target, '-Wl,-Ttext=0x80000000', ...flags]
}
/** GCC relaxes when it links; Clang keeps ranges, strings and addresses of version 5 in tables. */
const compilers: readonly [name: string, command: readonly string[]][] = [
  ['GCC, DWARF 4', gcc('-gdwarf-4')],
  ['GCC, DWARF 5', gcc('-gdwarf-5')],
  ['GCC, line tables alone', gcc('-g1')],
  ['GCC, compressed', gcc('-g', '-gz')],
  ['Clang, DWARF 4', clang('-gdwarf-4')],
  ['Clang, DWARF 5', clang('-gdwarf-5')],
]
const has = (program: string) => spawnSync(program, ['--version']).status === 0
const missing = ['riscv64-unknown-elf-gcc', 'riscv64-unknown-elf-addr2line', 'clang', 'llvm-symbolizer'].filter(
  (name) => !has(name),
)
if (missing.length > 0) console.warn(`tests of debug data are skipped: ${missing.join(', ')} not installed`)

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'presilicon-dwarf-'))
  writeFileSync(join(folder, 'work.c'), SOURCE)
})
afterAll(() => rmSync(folder, { recursive: true }))

function compile([program, ...flags]: readonly string[]): string {
  const file = join(folder, 'work.elf')
  const link = ['-nostdlib', '-Wl,--gc-sections', '-Wl,-e,_start', '-o', file]
  const args = [...flags, '-mabi=ilp32', '-O2', '-ffunction-sections', '-ffreestanding', 'work.c', ...link]
  const { status, stderr } = spawnSync(program!, args, { cwd: folder, encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  return file
}

/** Innermost first, `function file:line`. */
const framesOf = (info: DebugInfo, address: number) =>
  info
    .framesAt(address)
    .map(({ function: name, place }) => `${name} ${place ? `${basename(place.file)}:${place.line}` : '?'}`)

/** The same by LLVM's symbolizer. */
function symbolized(file: string, addresses: readonly number[]): string[][] {
  const input = addresses.map((address) => `0x${address.toString(16)}\n`).join('')
  const { stdout } = spawnSync('llvm-symbolizer', ['--obj', file, '--output-style=JSON'], { input, encoding: 'utf8' })
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const { Symbol: frames } = JSON.parse(line) as {
        Symbol: { FileName: string; FunctionName: string; Line: number }[]
      }
      return frames.map(
        (one) => `${one.FunctionName} ${one.Line === 0 ? '?' : `${basename(one.FileName)}:${one.Line}`}`,
      )
    })
}

describe.skipIf(missing.length > 0)('functions, inlined calls and lines', () => {
  test.each(compilers)('of %s are those of another reader at every address', async (_, command) => {
    const file = compile(command)
    const image = await loadElf(readFileSync(file), 'work.elf')
    const info = debugInfo(image)
    const functions = image.symbols.all.filter(({ kind }) => kind === 'function')
    expect(functions.map(({ name }) => name).sort()).toEqual(['_start', 'work'])
    const addresses = functions.flatMap(({ address, size }) =>
      Array.from({ length: size / 2 }, (_, i) => address + 2 * i),
    )
    expect(addresses.map((address) => framesOf(info, address))).toEqual(symbolized(file, addresses))
    const deepest = Math.max(...addresses.map((address) => info.framesAt(address).length))
    expect(deepest).toBe(3)
    const { address, name } = functions.find((one) => one.name === 'work')!
    expect(info.functionAt(address)).toBe(name)
    expect(info.describe(address)).toMatch(/^work \(.*work\.c:1[4-7]\)$/)
    expect(info.functionAt(START - 4)).toBeUndefined()
    expect(info.lineAt(START - 4)).toBeUndefined()
    expect(info.framesAt(0)).toEqual([])
  })

  test('are absent, and nothing fails, when debug data is damaged or not there', async () => {
    const bytes = new Uint8Array(readFileSync(compile(gcc('-gdwarf-5'))))
    const { symbols, sections, ...rest } = await loadElf(bytes, 'work.elf')
    const at = symbols.get('work')!.address
    const without = debugInfo({ ...rest, symbols })
    expect(without.framesAt(at)).toEqual([{ function: 'work' }])
    for (const [name, original] of sections!) {
      for (let step = 0; step < 40; step++) {
        const damaged = original.bytes.slice(0, (step * original.bytes.length) / 20)
        for (let i = 0; i < damaged.length; i += 7 + step) damaged[i]! ^= 1 << (step & 7)
        const image = { ...rest, symbols, sections: new Map([...sections!, [name, { ...original, bytes: damaged }]]) }
        expect(debugInfo(image).functionAt(at)).toBe('work')
        expect(() => debugInfo(image).framesAt(at)).not.toThrow()
      }
    }
  })
})
