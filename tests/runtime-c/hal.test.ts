import { describe, expect, test } from 'vitest'
import { installedToolchains, run } from './firmware.ts'

const toolchain = installedToolchains[0]!

const program = (body: string, before = '') => `#include <stdint.h>
#include <string.h>
#include "presilicon/csr.h"
#include "presilicon/finish.h"
#include "presilicon/plic.h"
#include "presilicon/print.h"
#include "presilicon/region.h"
#include "presilicon/timer.h"
#include "presilicon/trap.h"
#include "presilicon/uart.h"
${before}
int main(void)
{
${body}
}
`

/** Runs a program; returns what it printed and how it ended. */
async function outcome(body: string, before?: string) {
  const { result } = await run(toolchain, program(body, before))
  return { reason: result.reason, exitCode: result.exitCode, console: result.console, result }
}

describe('start and end', () => {
  test("main's result is the exit code", async () => {
    expect(await outcome('return 42;')).toMatchObject({ reason: 'exit', exitCode: 42, console: '' })
    expect(await outcome('return 0;')).toMatchObject({ reason: 'exit', exitCode: 0 })
  })

  test('finish ends the run from anywhere', async () => {
    expect(await outcome('print("a"); finish(7);')).toMatchObject({ exitCode: 7, console: 'a' })
  })

  test('initialised data has its values, the rest is zero', async () => {
    const data =
      'static volatile int small = 5, zero; static volatile char many[5000]; static int numbers[300] = {1, 2, 3};'
    const body =
      'int sum = small + zero + numbers[2]; for (unsigned i = 0; i < sizeof many; i++) sum += many[i]; return sum;'
    expect((await outcome(body, data)).exitCode).toBe(8)
  })

  test('regions, check values and counters reach the host', async () => {
    const { result } = await outcome(`region_begin(3);
  for (volatile int i = 0; i < 10; i++) { }
  region_end(3);
  region_check(0xabcd);
  return cycles_now_64() < cycles_now() && instructions_now_64() < instructions_now() ? 0 : 1;`)
    expect(result.exitCode).toBe(0)
    expect(result.regions).toHaveLength(1)
    expect(result.regions[0]).toMatchObject({ id: 3 })
    expect(result.regions[0]!.instructions).toBeGreaterThan(30)
    expect(result.checks).toEqual(['0x0000abcd'])
  })
})

describe('traps', () => {
  test('an exception that nobody handles is explained and fails the run', async () => {
    const end = await outcome('*(volatile uint32_t *)0x20000002 = 1; return 0;')
    expect(end.exitCode).toBe(126)
    expect(end.console).toMatch(/^trap: store address misaligned \(mcause 6\), mepc 0x8\w{7}, mtval 0x20000002\n$/)
  })

  test('a handler gets cause, pc and value, and says where to go on', async () => {
    const handler = `static struct exception seen;
static uint32_t step_over(const struct exception *exception) { seen = *exception; return exception->pc + 4; }`
    const body = `exception_attach(step_over);
  __asm__ volatile("ecall");
  print("%u ", (unsigned)seen.cause);
  __asm__ volatile(".word 0xffffffff");
  print("%u %x", (unsigned)seen.cause, (unsigned)seen.value);
  return 0;`
    expect(await outcome(body, handler)).toMatchObject({ console: '11 2 ffffffff', exitCode: 0 })
  })

  test('registers survive an interrupt', async () => {
    const handler = `static volatile unsigned ticks;
static void tick(void) { ticks++; timer_set_deadline(timer_now() + 30); }`
    const body = `uint32_t sum = 0, expected = 0;
  interrupt_attach(INTERRUPT_TIMER, tick);
  tick();
  interrupts_enable();
  for (uint32_t i = 0; i < 20000; i++) sum = sum * 31 + i;
  interrupts_disable();
  for (uint32_t i = 0; i < 20000; i++) expected = expected * 31 + i;
  return sum == expected && ticks > 100 ? 0 : 1;`
    expect((await outcome(body, handler)).exitCode).toBe(0)
  })

  test('an interrupt without a handler is named', async () => {
    const body = 'CSR_SET(mie, 8); software_interrupt_set(1); interrupts_enable(); for (;;) { }'
    const end = await outcome(body)
    expect(end.console).toMatch(/^trap: interrupt 3 has no handler, at pc 0x8\w{7}\n$/)
    expect(end.exitCode).toBe(126)
  })
})

describe('interrupts', () => {
  test('wfi sleeps until the timer', async () => {
    const handler = 'static volatile int rang; static void ring(void) { rang = 1; timer_set_deadline(UINT64_MAX); }'
    const body = `const uint64_t deadline = timer_now() + 100;
  interrupt_attach(INTERRUPT_TIMER, ring);
  timer_set_deadline(deadline);
  interrupts_enable();
  while (!rang) wait_for_interrupt();
  return timer_now() >= deadline && timer_now() < deadline + 20 ? 0 : 1;`
    expect((await outcome(body, handler)).exitCode).toBe(0)
  })

  test('the software interrupt', async () => {
    const handler = 'static volatile int count; static void poke(void) { count++; software_interrupt_set(0); }'
    const body =
      'interrupt_attach(INTERRUPT_SOFTWARE, poke); interrupts_enable(); software_interrupt_set(1); software_interrupt_set(1); return count;'
    expect((await outcome(body, handler)).exitCode).toBe(2)
  })

  const uart = `static volatile unsigned served;
/* Transmitter empty: reading the identification register clears it. */
static void on_uart(uint32_t source) { served = source; (void)*(volatile uint8_t *)(SOC_UART0_BASE + 2); }
static void unmask_uart(void) { *(volatile uint8_t *)(SOC_UART0_BASE + 1) = 2; }`

  test('a device reaches its handler through the PLIC', async () => {
    const body = 'plic_attach(SOC_UART0_IRQ, 1, on_uart); interrupts_enable(); unmask_uart(); return (int)served;'
    expect((await outcome(body, uart)).exitCode).toBe(10)
  })

  test('plic_serve does the same while interrupts are masked', async () => {
    const body =
      'plic_attach(SOC_UART0_IRQ, 1, on_uart); unmask_uart(); wait_for_interrupt(); plic_serve(); return (int)served;'
    expect((await outcome(body, uart)).exitCode).toBe(10)
  })

  test('a source without a handler stays silent', async () => {
    const body = `plic_attach(SOC_UART0_IRQ, 1, on_uart); plic_attach(SOC_UART0_IRQ, 1, 0);
  interrupts_enable(); unmask_uart(); return (int)served;`
    expect((await outcome(body, uart)).exitCode).toBe(0)
  })
})
