import { describe, expect, test } from 'vitest'
import { findToolchain } from '../../../compiler/toolchain/find-toolchain.ts'
import { buildProgram } from '../../../programs/build.ts'
import { programs } from '../../../programs/programs.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import { Machine } from '../../../sim/machine.ts'
import type { InstructionLog } from '../../../sim/probe/instruction-log.ts'
import { CodeFunctions } from '../../../sim/profile/code-functions.ts'
import { flow, flowOf } from '../../../sim/profile/control-flow.ts'
import { ShadowStack } from '../../../sim/profile/shadow-stack.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { build } from '../../runtime-c/firmware.ts'
import { asm } from '../guest.ts'
import { jumpPrototypes, jumps } from '../long-jump.ts'

/** Builds firmware and gives its chains. */
async function chains(main: string, files: Record<string, string> = {}): Promise<Map<string, number>> {
  return chainsOf(await build(findToolchain(), { 'main.c': main, ...files }, ['boot', 'hal', 'libc']))
}

/** Runs firmware and gives, for every chain of callers that ran, how often its last function was called. */
async function chainsOf(elf: Uint8Array): Promise<Map<string, number>> {
  const image = await loadElf(elf, 'main.elf')
  const functions = new CodeFunctions((pc) => image.symbols.functionAt(pc)?.name)
  const stack = new ShadowStack((pc) => functions.at(pc))
  const instructions = (log: InstructionLog) => {
    for (let i = 0; i < log.count; i++) {
      stack.enter(log.pc[i]!)
      stack.retire(log.pc[i]!, log.raw[i]!, log.destination[i]!, log.result[i]!)
    }
  }
  const machine = new Machine(defaultSoc, { probes: [{ instructions, trap: ({ pc }) => stack.trap(pc) }] })
  machine.load(image)
  expect(machine.run({ maxInstructions: 1_000_000 })).toMatchObject({ reason: 'exit', exitCode: 0 })
  const { tree } = stack
  const name = (node: number) =>
    tree
      .path(node)
      .map((one) => functions.names[one])
      .join(' ')
  return new Map(Array.from({ length: tree.size - 1 }, (_, i) => [name(i + 1), tree.calls[i + 1]!]))
}

const callsOf = (found: Map<string, number>, name: string) =>
  [...found].filter(([chain]) => chain.endsWith(` ${name}`)).reduce((sum, [, calls]) => sum + calls, 0)

describe('the shadow stack', () => {
  test('counts recursive calls, each under its caller', async () => {
    const found = await chains(`
      __attribute__((noinline)) int fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
      __attribute__((noinline)) int twice(int n) { return 2 * fibonacci(n) + 1; }
      int main(void) { return fibonacci(5) == 5 && twice(6) == 17 ? 0 : 1; }`)
    const calls = (chain: string) => found.get(`_start main ${chain}`)
    expect(calls('twice')).toBe(1)
    expect(calls('fibonacci')).toBe(1)
    expect(calls('twice fibonacci')).toBe(1)
    // A compiler may turn the second call into a loop, but never the first.
    expect(callsOf(found, 'fibonacci')).toBeGreaterThanOrEqual(2 + 4 + 6)
    expect([...found.keys()].every((chain) => /^_start( main(( twice)?( fibonacci)*)?| finish)?$/.test(chain))).toBe(
      true,
    )
  })

  test('lets a tail call take the place of its caller, also through a pointer', async () => {
    const found = await chains(`
      static int (*volatile pointer)(int);
      __attribute__((noinline)) int last(int n) { __asm__ volatile(""); return n + 1; }
      __attribute__((noinline)) int middle(int n) { __asm__ volatile(""); return pointer(n + 2); }
      __attribute__((noinline)) int first(int n) { __asm__ volatile(""); return middle(n + 3); }
      int main(void)
      {
        pointer = last;
        int sum = 0;
        for (int i = 0; i < 3; i++) sum += first(i);
        return sum == 21 ? 0 : 1;
      }`)
    for (const name of ['first', 'middle', 'last']) expect(found.get(`_start main ${name}`)).toBe(3)
    expect(found.has('_start main first middle')).toBe(false)
  })

  test.each([
    ['returns', 'ra'],
    ['jumps', 't2'],
  ])('leaves frames that longjmp skips when it %s', async (_, register) => {
    const found = await chains(
      `
      ${jumpPrototypes}
      __attribute__((noinline)) int after(int n) { __asm__ volatile(""); return n; }
      __attribute__((noinline)) int deep(int n)
      {
        volatile int local = n;
        if (n == 0) long_jump(place, 7);
        return deep(n - 1) + local;
      }
      /* Two of these are on the stack when the inner one is jumped to. */
      __attribute__((noinline)) int outer(int n)
      {
        volatile int local = n;
        if (n > 0) return outer(n - 1) + local;
        const int came = set_jump(place);
        return came == 0 ? deep(3) : after(came);
      }
      int main(void) { return outer(2) == 10 ? 0 : 1; }`,
      jumps(register),
    )
    expect(found.get('_start main outer outer outer deep deep deep deep long_jump')).toBe(1)
    expect(found.get('_start main outer outer outer after')).toBe(1)
    expect(callsOf(found, 'after')).toBe(1)
  })

  test('shows interrupt handlers as roots and goes on where they came in', async () => {
    const found = await chains(`
      #include "presilicon/timer.h"
      #include "presilicon/trap.h"
      static volatile int ticks;
      static void on_timer(void) { timer_set_deadline(timer_now() + 20); ticks = ticks + 1; }
      __attribute__((noinline)) void work(void) { while (ticks < 3) __asm__ volatile(""); }
      __attribute__((noinline)) void rest(void) { __asm__ volatile(""); }
      int main(void)
      {
        interrupt_attach(INTERRUPT_TIMER, on_timer);
        timer_set_deadline(timer_now() + 5);
        __asm__ volatile("csrsi mstatus, 8");
        work();
        rest();
        return 0;
      }`)
    expect(found.get('_start main work')).toBe(1)
    expect(found.get('_start main rest')).toBe(1)
    const roots = new Set([...found.keys()].map((chain) => chain.split(' ')[0]))
    expect([...roots].sort()).toEqual(['_start', 'trap_entry'])
  })

  test('goes back into the chain that a handler jumps to instead of ending', async () => {
    const found = await chains(
      `
      #include "presilicon/trap.h"
      ${jumpPrototypes}
      static uint32_t on_exception(const struct exception *exception) { long_jump(place, (int)exception->cause); }
      __attribute__((noinline)) void fails(int n) { if (n > 0) fails(n - 1); __asm__ volatile("ebreak"); }
      __attribute__((noinline)) int after(int n) { __asm__ volatile(""); return n; }
      __attribute__((noinline)) int attempt(int n)
      {
        const int cause = set_jump(place);
        if (cause == 0) fails(n);
        return after(cause);
      }
      int main(void)
      {
        exception_attach(on_exception);
        return attempt(2) + attempt(3) == 6 ? 0 : 1;
      }`,
      jumps('ra'),
    )
    expect(found.get('_start main attempt')).toBe(2)
    expect(found.get('_start main attempt after')).toBe(2)
    expect(callsOf(found, 'after')).toBe(2)
    expect(found.get('trap_entry trap_dispatch on_exception long_jump')).toBe(2)
  })

  test('leaves user mode for the function that entered it', async () => {
    const found = await chainsOf(await buildProgram(programs.find(({ name }) => name === 'user-mode')!))
    expect(found.get('_start main')).toBe(1)
    expect(found.get('_start main enter_user')).toBe(9)
    expect(callsOf(found, 'enter_user')).toBe(9)
    expect(found.get('_start main print')).toBe(10)
    expect(found.get('user_main')).toBe(9)
    const roots = new Set([...found.keys()].map((chain) => chain.split(' ')[0]))
    expect([...roots].sort()).toEqual(['_start', 'trap_entry', 'user_main'])
  })
})

test('calls and returns are told by the link registers', () => {
  const [ra, t0, a0] = [1, 5, 10]
  const jalr = (rd: number, rs1: number) => flowOf(asm('jalr', { rd, rs1 }))
  expect(flowOf(asm('jal', { rd: ra }))).toBe(flow.call)
  expect(flowOf(asm('jal', { rd: t0 }))).toBe(flow.call)
  expect(flowOf(asm('jal', { rd: 0 }))).toBe(flow.jump)
  expect(jalr(0, ra)).toBe(flow.return)
  expect(jalr(0, t0)).toBe(flow.return)
  expect(jalr(0, a0)).toBe(flow.jump)
  expect(jalr(ra, a0)).toBe(flow.call)
  expect(jalr(ra, ra)).toBe(flow.call)
  expect(jalr(ra, t0)).toBe(flow.swap)
  expect(flowOf(asm('mret'))).toBe(flow.trapReturn)
  expect(flowOf(asm('addi', { rd: 1, rs1: 1, imm: 4 }))).toBe(flow.straight)
  const compressed: readonly [number, number][] = [
    [0x2001, flow.call], // c.jal
    [0xa001, flow.jump], // c.j
    [0x8082, flow.return], // c.jr ra
    [0x8502, flow.jump], // c.jr a0
    [0x9502, flow.call], // c.jalr a0
    [0x9282, flow.swap], // c.jalr t0
    [0x852e, flow.straight], // c.mv a0, a1
    [0x952e, flow.straight], // c.add a0, a1
    [0x9002, flow.straight], // c.ebreak
  ]
  for (const [raw, expected] of compressed) expect(flowOf(raw), raw.toString(16)).toBe(expected)
})
