import { expect, it } from 'vitest'
import { findToolchain } from '../../../compiler/toolchain/find-toolchain.ts'
import { folded, speedscope } from '../../../sim/trace/convert/stacks.ts'
import { TraceReader } from '../../../sim/trace/reader.ts'
import { functionWindow } from '../../../sim/trace/window.ts'
import { build } from '../../runtime-c/firmware.ts'
import { asm, START } from '../guest.ts'
import { jumpPrototypes, jumps } from '../long-jump.ts'
import { recordFirmware } from './golden.ts'
import { converted, recordInstructions, recordProgram } from './record.ts'

const stacksOf = (trace: TraceReader) =>
  converted(trace, folded)
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ \d+$/, ''))

it.each([
  ['returns', 'ra'],
  ['jumps', 't2'],
])('longjmp leaves the functions that it skips when it %s', async (_, register) => {
  const main = `
    ${jumpPrototypes}
    __attribute__((noinline)) int after(int n) { __asm__ volatile(""); return n; }
    __attribute__((noinline)) int deep(int n)
    {
      volatile int local = n;
      if (n == 0) long_jump(place, 7);
      return deep(n - 1) + local;
    }
    __attribute__((noinline)) int outer(void) { return set_jump(place) == 0 ? deep(2) : after(7); }
    int main(void) { return outer() == 7 ? 0 : 1; }`
  const elf = await build(findToolchain(), { 'main.c': main, ...jumps(register) }, ['boot', 'hal', 'libc'])
  const stacks = stacksOf(new TraceReader(await recordFirmware({ name: 'jump', elf }), 'jump'))
  expect(stacks).toContain('_start;main;outer;deep;deep;deep;long_jump')
  expect(stacks.filter((stack) => stack.endsWith(';after'))).toEqual(['_start;main;outer;after'])
})

it('user mode is called by what enters it, and left for that', async () => {
  const stacks = stacksOf(await recordProgram('user-mode'))
  const after = '_start;main;enter_user'
  expect(stacks.filter((stack) => stack.endsWith(';read_kernel'))).toEqual([`${after};user_main;read_kernel`])
  expect(stacks.filter((stack) => stack.endsWith(';enter_user'))).toEqual([after])
  expect(stacks.filter((stack) => stack.endsWith(';print'))).toEqual(['_start;main;print'])
})

it('time outside of a window that opens again belongs to no function', () => {
  const nop = asm('addi')
  const calls = [asm('jal', { rd: 1, imm: 24 }), nop, nop, asm('jal', { rd: 1, imm: 12 }), nop, nop]
  const program = [...calls, nop, asm('jalr', { rs1: 1 })]
  const window = functionWindow(() => START + 24)
  const trace = new TraceReader(recordInstructions(program, { window, covers: { function: 'f' }, limit: 8 }), 'test')
  expect(converted(trace, folded)).toBe('start 4\n')
  expect(JSON.parse(converted(trace, speedscope)).profiles[0].events.map(({ at }: { at: number }) => at)).toEqual([
    1, 3, 6, 8,
  ])
})
