import { expect, it } from 'vitest'
import { cnn } from '../../../accelerators/cnn/hardware.ts'
import { buildPlanted } from '../../../programs/planted-bugs/build.ts'
import { modelFactory } from '../../../sim/accel/attach.ts'
import { acceleratorViews } from '../../../sim/cli/accelerator-views.ts'
import { Sanitizer } from '../../../sim/sanitize/sanitizer.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { boot, build, installedToolchains } from '../../runtime-c/firmware.ts'

async function findings(elf: Uint8Array) {
  const sanitizer = new Sanitizer({ soc: defaultSoc, accelerator: cnn })
  const machine = await boot(elf, { accelerators: { cnn: modelFactory(cnn) }, probes: [sanitizer] })
  return sanitizer.finish(machine.run({ maxCycles: 200_000 }))
}

it.each([
  [
    'wfi-forever-4',
    'the hart waits for an interrupt for ever, although fence (command 1) is complete, because its interrupt is masked: set the bit fence of IRQ_ENABLE',
  ],
  [
    'missing-token-2',
    'load (command 0) waits for a token from copy (command 1), which waits for a token itself; remove the wait, or let another command of compute give the first one',
  ],
])('says of %s what is missing', async (name, message) => {
  expect(await findings(await buildPlanted(true, name))).toMatchObject([{ message }])
})

const copying = `#include <string.h>
#include "presilicon/ring.h"
#include "soc.h"
static struct accelerator_fence slots[2];
static struct ring ring;
__attribute__((noinline)) static void fill(void)
{
  const struct accelerator_fence fence = {.opcode = ACCELERATOR_OPCODE_FENCE, .interrupt = 1, .sequence = 1};
  memcpy(slots, &fence, ACCELERATOR_COMMAND_BYTES);
  __asm__ volatile("" ::: "memory");
}
int main(void)
{
  ring_open(&ring, SOC_ACCELERATOR_BASE, SOC_ACCELERATOR_IRQ);
  ring_start(&ring, slots, 2);
  fill();
  ring_write(&ring, ACCELERATOR_RING_TAIL, 1);
  return ring_wait(&ring, 1);
}
`

it.each(installedToolchains)('names who has called memcpy, by $name', async (toolchain) => {
  const { header } = (await acceleratorViews(defaultSoc)).accelerator!
  const parts = ['boot', 'hal', 'libc', 'accel'] as const
  const [found] = await findings(await build(toolchain, { 'main.c': copying, 'accelerator.h': header }, parts))
  const { function: by, caller } = found!.first!
  expect(found!.kind).toBe('doorbell-without-fence')
  expect([by, caller]).toContain('fill')
})

const streams = (commands: readonly string[]) => `#include "presilicon/ring.h"
#include "soc.h"
static char from[64] = {1}, to[64];
static struct ring ring;
#define ROW .ram_row_stride = 64, .scratch_row_stride = 64, .bytes = 64, .rows = 1, .planes = 1
#define LOAD(...) {.load = {.opcode = ACCELERATOR_OPCODE_LOAD, .ram = (uintptr_t)from, ROW, __VA_ARGS__}}
#define STORE(...) {.store = {.opcode = ACCELERATOR_OPCODE_STORE, .ram = (uintptr_t)to, ROW, __VA_ARGS__}}
#define SIGNAL .signal = ACCELERATOR_UNIT_STORE
#define WAIT .wait = ACCELERATOR_UNIT_LOAD
static const union {
  struct accelerator_load load;
  struct accelerator_store store;
  struct accelerator_fence fence;
} commands[] = {${commands.join(', ')}, {.fence = {.opcode = ACCELERATOR_OPCODE_FENCE, .interrupt = 1, .sequence = 1}}};
int main(void)
{
  ring_open(&ring, SOC_ACCELERATOR_BASE, SOC_ACCELERATOR_IRQ);
  ring_start(&ring, commands, ${commands.length + 1});
  ring_submit(&ring, ${commands.length + 1});
  return ring_wait(&ring, 1);
}
`

it.each([
  [['LOAD(.scratch = 0)', 'STORE(.scratch = 0)'], 'let command 0 signal store, and command 1 wait for load'],
  [
    ['LOAD(.scratch = 0, SIGNAL)', 'STORE(.scratch = 0)'],
    'command 0 signals store already: let command 1 wait for load',
  ],
  [
    ['LOAD(.scratch = 64, SIGNAL)', 'LOAD(.scratch = 0)', 'STORE(.scratch = 0, WAIT)'],
    'command 2 waits for load already, but for the token of another: let command 1 signal store',
  ],
  [
    ['LOAD(.scratch = 64, SIGNAL)', 'LOAD(.scratch = 0, SIGNAL)', 'STORE(.scratch = 0, WAIT)'],
    'command 2 takes the token of another command of load: count those before it',
  ],
])('says of %s that %s', async (commands, way) => {
  const { header } = (await acceleratorViews(defaultSoc)).accelerator!
  const files = { 'main.c': streams(commands), 'accelerator.h': header }
  const found = await findings(await build(installedToolchains[0]!, files, ['boot', 'hal', 'libc', 'accel']))
  expect(found[0]!.kind).toBe('unordered-read')
  expect(found[0]!.message.split('no token orders them; ')[1]).toBe(way)
})
