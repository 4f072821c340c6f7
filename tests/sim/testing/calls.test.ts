import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { tensors } from '../../../sim/testing/arbitraries.ts'
import {
  at,
  CallError,
  compileFirmware,
  type Firmware,
  float32,
  loadFirmware,
  pointer,
  readOnly,
  struct,
  symbol,
  tensor,
} from '../../../sim/testing/index.ts'
import { build, installedToolchains } from '../../runtime-c/firmware.ts'
import { makeElf } from '../elf/make-elf.ts'
import { asm, bytes, START } from '../guest.ts'

const source = `#include <stdint.h>
#include "presilicon/finish.h"
#include "presilicon/print.h"

int32_t sum9(int32_t a, int32_t b, int32_t c, int32_t d, int32_t e, int32_t f, int32_t g, int32_t h, int32_t i)
{
  return a + 2 * b + 4 * c + 8 * d + 16 * e + 32 * f + 64 * g + 128 * h + 256 * i;
}
int64_t wide(int32_t a, int64_t b, int32_t c) { return b * a + c; }
/* b is split between a7 and the stack; d is aligned there. */
int64_t split(int32_t a0, int32_t a1, int32_t a2, int32_t a3, int32_t a4, int32_t a5, int32_t a6, int64_t b, int32_t c, int64_t d)
{
  return b + c * 1000 + d - (a0 + a1 + a2 + a3 + a4 + a5 + a6);
}
float negated(float x) { return -x; }
void nothing(void) { }
void add_s8(const int8_t *a, const int8_t *b, int8_t *out, int32_t count)
{
  for (int32_t i = 0; i < count; i++) {
    const int32_t sum = a[i] + b[i];
    out[i] = (int8_t)(sum < -128 ? -128 : sum > 127 ? 127 : sum);
  }
}
struct inner { int8_t small; int16_t middle; };
struct outer { int32_t count; struct inner inner; const int8_t *data; const struct inner *other; int64_t big; };
int64_t members(const struct outer *s)
{
  return s->count + s->inner.small * 10 + s->inner.middle * 100 + s->data[1] * 1000 + s->other->middle * 10000 + s->big;
}
int32_t count_of(const char *text, char what)
{
  int32_t count = 0;
  for (; *text != 0; text++) count += *text == what;
  return count;
}
int32_t sum_of(const int32_t *numbers, int32_t count) { return count == 0 ? 0 : *numbers + sum_of(numbers + 1, count - 1); }
int32_t second_of(const char *const *texts) { return texts[1][0]; }
void double_it(int16_t *number) { *number = (int16_t)(*number * 2); }
int32_t calls = 0;
int32_t count_calls(void) { return ++calls; }
int32_t read(const int32_t *p) { return *p; }
void overrun(int8_t *data, int32_t from, int32_t to) { for (int32_t i = from; i < to; i++) data[i] = 1; }
void deep(int32_t bytes) { volatile char room[bytes]; room[0] = 1; (void)room[0]; }
void talk(void) { print("hello"); }
void leave(void) { finish(3); }
void hang(void) { for (;;) { __asm__ volatile("wfi"); } }
void forever(void) { for (volatile int i = 0;; i++) { } }
void crash(uint32_t address) { *(volatile uint32_t *)address = 1; }
`

describe.each(installedToolchains)('functions built by $name', ({ name }) => {
  let firmware: Firmware
  beforeAll(async () => {
    firmware = await compileFirmware({ files: { 'functions.c': source }, toolchain: name, maxInstructions: 100_000 })
  })

  it('take arguments in registers and on the stack', () => {
    expect(firmware.call('sum9', 1, 1, 1, 1, 1, 1, 1, 1, -1).value).toBe(255 - 256)
  })

  it('take and return 64 bits in pairs of registers', () => {
    expect(firmware.call('wide', -3, 10_000_000_000n, 7).value64).toBe(-29_999_999_993n)
  })

  it('take 64 bits split between a7 and the stack, and aligned on the stack', () => {
    const first = [1, 2, 3, 4, 5, 6, 7]
    expect(firmware.call('split', ...first, 5_000_000_000n, 9, -8_000_000_000n).value64).toBe(
      -3_000_000_000n + 9000n - 28n,
    )
  })

  it('take and return floats', () => {
    expect(firmware.call('negated', float32(-1.5)).float32).toBe(1.5)
  })

  it('take structs by pointer, laid out as in C', () => {
    const outer = struct({
      count: 5,
      inner: { small: Int8Array.of(-3), middle: Int16Array.of(4) },
      data: tensor('int8', [2], [1, 2]),
      other: pointer(struct(Int8Array.of(0), Int16Array.of(7))),
      big: 1n << 40n,
    })
    expect(firmware.call('members', outer).value64).toBe(5n - 30n + 400n + 2000n + 70_000n + (1n << 40n))
  })

  it('take strings and arrays', () => {
    expect(firmware.call('count_of', 'needle', 0x65).value).toBe(3)
    expect(firmware.call('sum_of', struct([1, 2, 3]), 3).value).toBe(6)
    expect(firmware.call('second_of', struct('ab', 'cd')).value).toBe('c'.charCodeAt(0))
  })

  it('take the address of an element of a tensor', () => {
    const data = tensor('int16', [2, 2], [1, 2, 3, 4])
    const call = firmware.call('double_it', at(data, 2))
    expect(call.after(data)).toEqualTensor(tensor('int16', [2, 2], [1, 2, 6, 4]))
    expect(() => firmware.call('double_it', at(readOnly(data), 3))).toThrow(
      '1 byte of argument 0 (int16 [2, 2]), which is read-only, first byte 6',
    )
    expect(() => at(data, 5)).toThrow('a tensor of 4 elements has no element 5')
  })

  it('take addresses of what the firmware defines', () => {
    const session = firmware.start()
    session.call('count_calls')
    expect(session.call('read', symbol('calls')).value).toBe(1)
  })

  it('fill tensors', () => {
    const [a, b] = [tensor('int8', [2, 2], [1, -100, 127, 0]), tensor('int8', [2, 2], [1, -100, 1, 0])]
    const out = tensor('int8', [2, 2])
    const call = firmware.call('add_s8', readOnly(a), readOnly(b), out, 4)
    expect(call.after(out)).toEqualTensor(tensor('int8', [2, 2], [2, -128, 127, 0]))
    expect(out.data).toEqual(new Int8Array(4))
  })

  it('do not know of each other, but in a session', () => {
    expect([firmware.call('count_calls').value, firmware.call('count_calls').value]).toEqual([1, 1])
    const session = firmware.start()
    expect([session.call('count_calls').value, session.call('count_calls').value]).toEqual([1, 2])
  })
})

describe('a call', () => {
  let firmware: Firmware
  beforeAll(async () => {
    firmware = await compileFirmware({ files: { 'functions.c': source }, maxInstructions: 100_000 })
  })
  const refusal = (name: string, ...args: Parameters<Firmware['call']> extends [string, ...infer A] ? A : never) => {
    try {
      firmware.call(name, ...args)
    } catch (error) {
      return (error as Error).message
    }
    throw new Error(`${name} was not refused`)
  }

  it('is measured from its first instruction to its return, the same in every engine', async () => {
    expect(firmware.call('nothing')).toMatchObject({ instructions: 1, console: '', stackBytes: 0 })
    const out = tensor('int8', [100])
    const measure = async (engine: 'interpreter' | 'translator') => {
      const other = await compileFirmware({ files: { 'functions.c': source }, engine })
      const { cycles, instructions } = other.call('add_s8', out, out, out, 100)
      return { cycles, instructions }
    }
    const cycles = await measure('translator')
    expect(await measure('interpreter')).toEqual(cycles)
    expect(cycles.cycles).toBeGreaterThan(300)
  })

  it('costs what the core takes', async () => {
    const slow = await compileFirmware({ files: { 'functions.c': source }, cpu: 'picorv32' })
    expect(slow.call('wide', 1, 2n, 3).cycles).toBeGreaterThan(2 * firmware.call('wide', 1, 2n, 3).cycles)
    expect(() => expect(slow.call('nothing')).toTakeAtMostCycles(1)).toThrow(
      /nothing takes \d+ cycles, \d+ more than 1/,
    )
  })

  it('tells what it printed and how much stack it used', () => {
    expect(firmware.call('talk').console).toBe('hello')
    const { stackBytes } = firmware.call('deep', 1000)
    expect(stackBytes).toBeGreaterThanOrEqual(1000 - 16)
    expect(stackBytes).toBeLessThan(1200)
  })

  it('fails when it writes outside of a buffer, and says who did', () => {
    const data = tensor('int8', [4])
    expect(refusal('overrun', data, 0, 6)).toMatch(
      /^overrun writes where it may not:\n- 2 bytes behind argument 0 \(int8 \[4\]\), the first 0 past its end, by a store in overrun\+0x\w+$/,
    )
    expect(refusal('overrun', data, -3, 1)).toContain(
      '3 bytes before argument 0 (int8 [4]), the first 3 before its start',
    )
  })

  it('fails when it changes a tensor that is read-only', () => {
    expect(refusal('overrun', readOnly(tensor('int8', [4])), 2, 3)).toContain(
      '1 byte of argument 0 (int8 [4]), which is read-only, first byte 2, by a store in overrun',
    )
  })

  it.each([
    ['leave', 0, 'leave does not return: it ends the run with exit code 3'],
    ['forever', 0, 'forever does not return: reached'],
    ['hang', 0, 'hang does not return: '],
    ['crash', 2, 'trap: store address misaligned (mcause 6)'],
  ])('of %s fails with the reason', (name, argument, message) => {
    expect(() => firmware.call(name, argument)).toThrow(CallError)
    expect(refusal(name, argument)).toContain(message)
  })

  it('is refused when there is no such function, or an argument is none', () => {
    expect(refusal('missing')).toBe(
      'the firmware has nothing called missing; a static function is not visible, and the linker may have dropped it',
    )
    expect(refusal('calls')).toBe('calls is no function')
    expect(refusal('nothing', 0.5)).toContain('0.5 is no 32-bit integer')
    expect(refusal('nothing', tensor('int8', [17 << 20]))).toContain('the arguments take')
  })

  it('holds for random tensors', () => {
    const pairs = tensors('int8').chain((a) => tensors('int8', { shape: a.shape }).map((b) => [a, b] as const))
    const property = fc.property(pairs, ([a, b]) => {
      const expected = tensor(
        'int8',
        a.shape,
        a.data.map((x, i) => Math.max(-128, Math.min(127, x + b.data[i]!))),
      )
      const out = tensor('int8', a.shape)
      expect(firmware.call('add_s8', readOnly(a), readOnly(b), out, a.data.length).after(out)).toEqualTensor(expected)
    })
    fc.assert(property, { seed: 1, numRuns: 50 })
  })
})

describe('a function that uses the accelerator', () => {
  const driver = `#include "presilicon/ring.h"
#include "soc.h"
#define ADDRESS(pointer) ((uint32_t)(uintptr_t)(pointer))
static union { struct accelerator_load load; struct accelerator_store store; struct accelerator_fence fence; } stream[3];
/* Copies 64 bytes through the scratchpad. */
int32_t copy(const uint8_t *from, uint8_t *to, uint32_t bytes)
{
  struct ring ring;
  stream[0].load = (struct accelerator_load){.opcode = ACCELERATOR_OPCODE_LOAD, .signal = ACCELERATOR_UNIT_STORE, .ram = ADDRESS(from), .bytes = 64, .rows = 1, .planes = 1};
  stream[1].store = (struct accelerator_store){.opcode = ACCELERATOR_OPCODE_STORE, .wait = ACCELERATOR_UNIT_LOAD, .ram = ADDRESS(to), .bytes = bytes, .rows = 1, .planes = 1};
  stream[2].fence = (struct accelerator_fence){.opcode = ACCELERATOR_OPCODE_FENCE, .interrupt = 1, .sequence = 1};
  ring_open(&ring, SOC_ACCELERATOR_BASE, SOC_ACCELERATOR_IRQ);
  ring_start(&ring, stream, 3);
  ring_submit(&ring, 3);
  return ring_wait(&ring, 1);
}
`
  const from = tensor(
    'uint8',
    [64],
    Uint8Array.from({ length: 64 }, (_, i) => i),
  )
  const to = tensor('uint8', [64])

  it('is counted, with the parameters that the test asks for', async () => {
    const bus = async (bytes: number) => {
      const set = [`accelerator.dmaBytesPerCycle=${bytes}`]
      const call = (await compileFirmware({ files: { 'copy.c': driver }, set })).call('copy', readOnly(from), to, 64)
      expect(call.value).toBe(0)
      expect(call.after(to)).toEqualTensor(from)
      expect(call.counters).toMatchObject({ commands: 3, bytesRead: 64, bytesWritten: 64 })
      return call.counters.loadBusy!
    }
    expect(await bus(4)).toBeGreaterThan(await bus(64))
  })

  it('is free of races, or told where it has one', async () => {
    const careful = await compileFirmware({ files: { 'copy.c': driver }, sanitize: true })
    expect(careful.call('copy', readOnly(from), to, 64)).toBeRaceFree()
    expect(careful.call('copy', readOnly(from), to, 64)).toBeRaceFree()
    const hasty = driver
      .replace('.wait = ACCELERATOR_UNIT_LOAD, ', '')
      .replace('.signal = ACCELERATOR_UNIT_STORE, ', '')
    const racing = (await compileFirmware({ files: { 'copy.c': hasty }, sanitize: true })).call('copy', from, to, 64)
    expect(racing.findings!.map(({ kind }) => kind)).toEqual(['unordered-read'])
    expect(() => expect(racing).toBeRaceFree()).toThrow(/copy: .*unordered-read/)
    const leaving = driver
      .replace(/static (union .*) stream\[3\];/, 'typedef $1 command;')
      .replace('struct ring ring;', 'struct ring ring;\n  command stream[3];')
      .replace('return ring_wait(&ring, 1);', 'for (volatile int i = 0; i < 100; i++) {\n  }\n  return 0;')
    const left = (await compileFirmware({ files: { 'copy.c': leaving }, sanitize: true })).call('copy', from, to, 64)
    expect(left.findings!.map(({ kind }) => kind)).toContain('stack-left-early')
  })

  it('is told which command writes outside of a buffer', async () => {
    const firmware = await compileFirmware({ files: { 'copy.c': driver } })
    expect(() => firmware.call('copy', readOnly(from), to, 65)).toThrow(
      '1 byte behind argument 1 (uint8 [64]), the first 0 past its end, by command 1 (store) of the accelerator',
    )
  })
})

describe('firmware from elsewhere', () => {
  it('is started up to its main', async () => {
    const main =
      'int ready = 7;\n__attribute__((noinline)) int get(void) { return ready++; }\nint main(void) { ready = 0; return get(); }\n'
    const elf = await build(installedToolchains[0]!, { 'main.c': main }, ['boot', 'hal', 'libc'])
    expect((await loadFirmware(elf)).call('get').value).toBe(7)
  })

  it('may have no main at all', async () => {
    const code = bytes([asm('add', { rd: 10, rs1: 10, rs2: 11 }), asm('jalr', { rs1: 1 })])
    const symbols = [{ name: 'sum', address: START, size: 8 }]
    const elf = makeElf({ entry: START, segments: [{ address: START, bytes: code }], symbols })
    expect((await loadFirmware(elf, { cpu: 'ideal' })).call('sum', 40, 2)).toMatchObject({ value: 42, cycles: 2 })
  })

  it('is refused in one sentence when it is none', async () => {
    await expect(loadFirmware('missing.elf')).rejects.toThrow('missing.elf: this file cannot be read; check its path')
    const broken = compileFirmware({ files: { 'a.c': 'int f(void) { return x; }' } })
    await expect(broken).rejects.toThrow(/^a\.c: line 1: does not compile: .*undeclared.*; correct the source/)
  })
})
