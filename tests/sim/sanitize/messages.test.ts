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
