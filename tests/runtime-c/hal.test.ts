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

describe('print', () => {
  test.each([
    ['"%d %i %u", -42, 7, 4000000000u', '-42 7 4000000000'],
    ['"%d", (int)0x80000000', '-2147483648'],
    ['"%x %X %08x", 0xbeefu, 0xBEEFu, 0xabcu', 'beef BEEF 00000abc'],
    ['"[%5d|%-5d|%05d|%1d]", 7, 7, -7, 12345', '[    7|7    |-0007|12345]'],
    ['"%ld %lu %lx", -1L, 1UL, 255UL', '-1 1 ff'],
    ['"%s|%4s|%-4s|%s", "text", "ab", "ab", ""', 'text|  ab|ab  |'],
    ["\"%c%3c%%\", 'a', 'b'", 'a  b%'],
    ['"%p", (void *)0x80000000', '0x80000000'],
  ])('print(%s)', async (args, text) => {
    expect(await outcome(`return print(${args});`)).toMatchObject({ console: text, exitCode: text.length })
  })
})

describe('memory functions', () => {
  const compare = `static unsigned char a[104], b[104];
static unsigned failures;
static void prepare(void) { for (unsigned i = 0; i < sizeof a; i++) a[i] = b[i] = (unsigned char)(i * 7 + 1); }
static void compare(void) { for (unsigned i = 0; i < sizeof a; i++) if (a[i] != b[i]) { failures++; return; } }
`
  test('memcpy, memmove and memset do what byte loops do, at every alignment', async () => {
    const body = `
  for (unsigned to = 0; to < 4; to++) for (unsigned from = 0; from < 4; from++) for (unsigned size = 0; size < 48; size++) {
    prepare();
    memcpy(a + to, a + 48 + from, size);
    for (volatile unsigned i = 0; i < size; i++) b[to + i] = b[48 + from + i];
    compare();
    prepare();
    memset(a + to, (int)size, size);
    for (volatile unsigned i = 0; i < size; i++) b[to + i] = (unsigned char)size;
    compare();
  }
  for (unsigned to = 0; to < 10; to++) for (unsigned from = 0; from < 10; from++) for (unsigned size = 0; size < 48; size += 1 + size / 8) {
    prepare();
    memmove(a + to, a + from, size);
    if (to < from) for (volatile unsigned i = 0; i < size; i++) b[to + i] = b[from + i];
    else for (volatile unsigned i = size; i > 0; i--) b[to + i - 1] = b[from + i - 1];
    compare();
  }
  print("%u", failures);
  return 0;`
    expect(await outcome(body, compare)).toMatchObject({ console: '0', exitCode: 0 })
  })

  test('memcpy moves words, between different alignments too', async () => {
    const { result } = await outcome(
      `region_begin(1); memcpy(a, b, sizeof a); region_end(1);
  region_begin(2); memcpy(a, b + 1, sizeof a - 1); region_end(2);
  return 0;`,
      'static unsigned char a[4096], b[4096];',
    )
    const [aligned, shifted] = result.regions
    expect(4096 / aligned!.cycles).toBeGreaterThan(1.5)
    expect(4095 / shifted!.cycles).toBeGreaterThan(0.45)
  })

  test('memcmp and strlen', async () => {
    const body = `return memcmp("abc", "abd", 3) < 0 && memcmp("b", "a", 1) > 0 && memcmp("x", "y", 0) == 0 &&
      memcmp("\\xff", "\\x01", 1) > 0 && strlen("four") == 4 ? 0 : 1;`
    expect((await outcome(body)).exitCode).toBe(0)
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

describe.each(installedToolchains)('64-bit arithmetic built by $name', (each) => {
  test('division and remainder', async () => {
    const body = `volatile uint64_t a = 0x123456789abcdef0ull, b = 0x12345ull;
  volatile int64_t c = -1000000000007ll, d = 1000003ll;
  const uint64_t q = a / b, r = a % b;
  const int64_t s = c / d, t = c % d;
  print("%x %x %x %d %d", (unsigned)(q >> 32), (unsigned)q, (unsigned)r, (int)s, (int)t);
  return 0;`
    const { result } = await run(each, program(body))
    const [a, b, c, d] = [0x123456789abcdef0n, 0x12345n, -1000000000007n, 1000003n]
    const numbers = [(a / b) >> 32n, BigInt.asUintN(32, a / b), a % b]
    expect(result.console).toBe([...numbers.map((n) => n.toString(16)), c / d, c % d].join(' '))
  })
})
