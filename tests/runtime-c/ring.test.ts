import { describe, expect, test } from 'vitest'
import { errorCodes } from '../../sim/accel/ring-registers.ts'
import { compileFirmware } from '../../sim/testing/index.ts'

/** Commands as firmware writes them: constant data that the compiler lays out. */
const prelude = `#include <stdint.h>
#include <string.h>
#include "presilicon/csr.h"
#include "presilicon/print.h"
#include "presilicon/region.h"
#include "presilicon/ring.h"
#include "presilicon/timer.h"
#include "presilicon/trap.h"
#include "soc.h"

#define ADDRESS(pointer) ((uint32_t)(uintptr_t)(pointer))
union command {
  struct accelerator_load load;
  struct accelerator_store store;
  struct accelerator_fence fence;
};
/* Moves 64 bytes through a place in the scratchpad; the store waits for the load's token. */
#define LOAD(from, place) \\
  {.load = {.opcode = ACCELERATOR_OPCODE_LOAD, .signal = ACCELERATOR_UNIT_STORE, .ram = ADDRESS(from), .scratch = place, .bytes = 64, .rows = 1, .planes = 1}}
#define STORE(place, to) \\
  {.store = {.opcode = ACCELERATOR_OPCODE_STORE, .wait = ACCELERATOR_UNIT_LOAD, .ram = ADDRESS(to), .scratch = place, .bytes = 64, .rows = 1, .planes = 1}}
#define FENCE(number, time) \\
  {.fence = {.opcode = ACCELERATOR_OPCODE_FENCE, .interrupt = 1, .sequence = number, .timestamp = ADDRESS(time)}}

uint8_t source[64], target[64], other[64];
struct ring ring;

int copied(const uint8_t *to) { return memcmp(to, source, 64) == 0; }
void prepare(void) { for (unsigned i = 0; i < 64; i++) source[i] = (uint8_t)(i * 3 + 1); }
void open(void)
{
  prepare();
  if (ring_open(&ring, SOC_ACCELERATOR_BASE, SOC_ACCELERATOR_IRQ) != RING_DONE) finish(99);
}
`

/** Calls a function with this body on the default SoC with its accelerator; the sanitizer looks on. */
async function outcome(body: string, before = '') {
  const source = `#include "presilicon/finish.h"\n${prelude}${before}\nint32_t test(void)\n{\n  open();\n${body}\n}\n`
  const firmware = await compileFirmware({ files: { 'test.c': source }, sanitize: true, maxInstructions: 1_000_000 })
  return firmware.call('test')
}

/** Calls it; it must return zero and break no rule of the hardware. */
async function expectRight(body: string, before?: string): Promise<void> {
  const call = await outcome(body, before)
  expect(call).toMatchObject({ value: 0, console: '' })
  expect(call).toBeRaceFree()
}

const stream = `static uint64_t times[2] __attribute__((aligned(8)));
static const union command stream[] = {
  LOAD(source, 0), STORE(0, target), FENCE(1, &times[0]),
  LOAD(source, 64), STORE(64, other), FENCE(2, &times[1]),
};`

describe('a constant stream', () => {
  test('runs up to where it was submitted, then on; fences tell how far it is', async () => {
    await expectRight(
      `ring_start(&ring, stream, 6);
  if (ring_poll(&ring, 1) != RING_BUSY) return 1;
  ring_submit(&ring, 3);
  if (ring_wait(&ring, 1) != RING_DONE || !copied(target) || copied(other)) return 2;
  if (ring_poll(&ring, 2) != RING_BUSY) return 3;
  ring_submit(&ring, 6);
  if (ring_wait(&ring, 2) != RING_DONE || !copied(other)) return 4;
  return ring_poll(&ring, 1) == RING_DONE ? 0 : 5;`,
      stream,
    )
  })

  test('runs again from its start, as often as wanted', async () => {
    const body = `for (int run = 0; run < 3; run++) {
    memset(target, 0, 64);
    ring_start(&ring, stream, 6);
    if (ring_poll(&ring, 1) != RING_BUSY) return 1;
    ring_submit(&ring, 6);
    if (ring_wait(&ring, 2) != RING_DONE || !copied(target)) return 2;
  }
  return 0;`
    await expectRight(body, stream)
  })

  test('gives timestamps on the time base of mcycle', async () => {
    const body = `const uint64_t before = cycles_now_64();
  ring_start(&ring, stream, 6);
  ring_submit(&ring, 6);
  ring_wait(&ring, 2);
  return before < times[0] && times[0] < times[1] && times[1] < cycles_now_64() ? 0 : 1;`
    await expectRight(body, stream)
  })

  test('submits without waiting: the CPU works while the accelerator does', async () => {
    const body = `uint32_t polls = 0;
  ring_start(&ring, stream, 6);
  ring_submit(&ring, 6);
  while (ring_poll(&ring, 2) == RING_BUSY) polls++;
  return polls > 3 && copied(other) ? 0 : 1;`
    await expectRight(body, stream)
  })
})

describe('waiting', () => {
  test.each([
    ['masked', ''],
    ['enabled', 'interrupts_enable();'],
  ])('sleeps with interrupts %s and leaves them as they were', async (_, setting) => {
    const body = `${setting}
  const uint32_t before = CSR_READ(mstatus) & MSTATUS_MIE;
  ring_start(&ring, stream, 6);
  ring_submit(&ring, 6);
  const uint32_t instructions = instructions_now();
  if (ring_wait(&ring, 2) != RING_DONE) return 1;
  if (instructions_now() - instructions > 400) return 2;
  return (CSR_READ(mstatus) & MSTATUS_MIE) == before ? 0 : 3;`
    await expectRight(body, stream)
  })

  test('never misses a fence, however late it is waited for', async () => {
    const body = `for (uint32_t delay = 0; delay < 120; delay++) {
    ring_start(&ring, stream, 6);
    ring_submit(&ring, 6);
    for (volatile uint32_t i = 0; i < delay; i++) { }
    if (ring_wait(&ring, 2) != RING_DONE) return 1;
  }
  return 0;`
    await expectRight(body, stream)
  })

  test('lets other interrupts be served meanwhile', async () => {
    const timer = `${stream}
static volatile int ticks;
static void tick(void) { ticks++; timer_set_deadline(UINT64_MAX); }`
    const body = `interrupt_attach(INTERRUPT_TIMER, tick);
  timer_set_deadline(timer_now() + 20);
  interrupts_enable();
  ring_start(&ring, stream, 6);
  uint32_t waits = 0;
  for (; ticks == 0; waits++) {
    ring_start(&ring, stream, 6);
    ring_submit(&ring, 6);
    if (ring_wait(&ring, 2) != RING_DONE) return 1;
  }
  return waits > 0 ? 0 : 2;`
    await expectRight(body, timer)
  })

  test('for a fence that was never submitted is reported as a deadlock', async () => {
    const body = 'ring_start(&ring, stream, 6); ring_submit(&ring, 3); return ring_wait(&ring, 2);'
    await expect(outcome(body, stream)).rejects.toThrow(/^test does not return: the hart waits .*source 11 stays quiet/)
  })
})

describe('a circular ring', () => {
  const slots = 'static union command slots[5];'

  test('wraps, takes more commands than it has slots, and keeps their order', async () => {
    const body = `ring_start(&ring, slots, 5);
  for (uint32_t i = 1; i <= 20; i++) {
    memset(target, 0, 64);
    const union command commands[] = {LOAD(source, 0), STORE(0, target), FENCE(i, 0)};
    for (int c = 0; c < 3; c++) if (ring_push_wait(&ring, &commands[c]) != RING_DONE) return 101;
    ring_submit_pushed(&ring);
    if (ring_wait(&ring, i) != RING_DONE || !copied(target)) return (int)i;
  }
  return ring_read(&ring, ACCELERATOR_RING_HEAD) == 60 ? 0 : 100;`
    await expectRight(body, slots)
  })

  test('submits what is in it while it is full', async () => {
    const body = `ring_start(&ring, slots, 5);
  for (uint32_t i = 1; i <= 20; i++) {
    const union command fence = FENCE(i, 0);
    if (ring_push_wait(&ring, &fence) != RING_DONE) return 1;
  }
  ring_submit_pushed(&ring);
  return ring_wait(&ring, 20) == RING_DONE ? 0 : 2;`
    await expectRight(body, slots)
  })

  test('takes no more when the accelerator has stopped at an error', async () => {
    const body = `const union command wrong = {.store = {.opcode = ACCELERATOR_OPCODE_STORE, .rows = 1, .planes = 1}};
  ring_start(&ring, slots, 5);
  for (int i = 0; i < 5; i++) if (ring_push_wait(&ring, &wrong) != RING_DONE) return 1;
  enum ring_state state = RING_DONE;
  for (int i = 0; i < 5 && state == RING_DONE; i++) state = ring_push_wait(&ring, &wrong);
  return state == RING_FAILED && ring_wait(&ring, 1) == RING_FAILED ? (int)ring_error(&ring).code + 100 : 2;`
    expect((await outcome(body, slots)).value).toBe(100 + errorCodes.field)
  })

  test('refuses a command while it is full', async () => {
    const body = `const union command fence = FENCE(1, 0);
  ring_start(&ring, slots, 5);
  for (int i = 0; i < 5; i++) if (!ring_push(&ring, &fence)) return 1;
  if (ring_push(&ring, &fence)) return 2;
  ring_submit_pushed(&ring);
  if (ring_wait(&ring, 1) != RING_DONE) return 3;
  while (ring_read(&ring, ACCELERATOR_RING_HEAD) < 5) { }
  return ring_push(&ring, &fence) ? 0 : 4;`
    await expectRight(body, slots)
  })
})

describe('errors', () => {
  const broken = `static const union command bad[] = {
  LOAD(source, 0), {.store = {.opcode = ACCELERATOR_OPCODE_STORE, .ram = ADDRESS(target), .rows = 1, .planes = 1}}, FENCE(1, 0),
};`

  test('end the wait, and say which command and field', async () => {
    const body = `ring_start(&ring, bad, 3);
  ring_submit(&ring, 3);
  if (ring_wait(&ring, 1) != RING_FAILED) return 1;
  const struct ring_error error = ring_error(&ring);
  ring_print_error(&ring);
  return error.address == ADDRESS(&bad[1]) ? (int)error.code + 100 : 2;`
    const result = await outcome(body, broken)
    expect(result.value).toBe(100 + errorCodes.field)
    expect(result.console).toMatch(
      /^accelerator: illegal value of a field \(code 3\) at command 0x8\w{7}, field \d+\n$/,
    )
  })

  test('opening again makes the accelerator usable', async () => {
    const body = `ring_start(&ring, bad, 3);
  ring_submit(&ring, 3);
  ring_wait(&ring, 1);
  open();
  ring_start(&ring, stream, 6);
  ring_submit(&ring, 6);
  return ring_wait(&ring, 2) == RING_DONE && copied(other) ? 0 : 1;`
    await expectRight(body, broken + stream)
  })

  test('have a text for every code that the hardware knows', async () => {
    const codes = Object.values(errorCodes).filter((code) => code !== errorCodes.none)
    // A block of plain memory that looks like the registers after an error.
    const body = `static uint32_t registers[256];
  ring.registers = registers;
  for (uint32_t code = 1; code <= ${Math.max(...codes) + 1}; code++) {
    registers[ACCELERATOR_ERROR_CODE / 4] = code;
    registers[ACCELERATOR_ERROR_FIELD / 4] = 0xffffffff;
    ring_print_error(&ring);
  }
  return 0;`
    const lines = (await outcome(body)).console.trim().split('\n')
    expect(lines.filter((line) => line.includes('unknown error'))).toHaveLength(1)
    expect(lines.at(-1)).toContain('unknown error')
  })

  test('something else at the address is not opened', async () => {
    expect((await outcome('return ring_open(&ring, SOC_CLINT_BASE, 1);')).value).toBe(3)
  })
})

test('counters of 64 bits and identity can be read', async () => {
  const body = `ring_start(&ring, stream, 6);
  ring_submit(&ring, 6);
  ring_wait(&ring, 2);
  print("%u %u", (unsigned)ring_counter_64(&ring, ACCELERATOR_PERF_BYTES_READ_LO),
        (unsigned)ring_read(&ring, ACCELERATOR_PERF_COMMANDS));
  return 0;`
  expect((await outcome(body, stream)).console).toBe('128 6')
})
