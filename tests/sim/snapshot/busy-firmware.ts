import { cnn } from '../../../accelerators/cnn/hardware.ts'
import type { Toolchain } from '../../../compiler/toolchain/toolchain.ts'
import { acceleratorHeader } from '../../../sim/accel/c-header.ts'
import { resolveParameters } from '../../../sim/accel/resolve-parameters.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { build } from '../../runtime-c/firmware.ts'

/**
 * Keeps every block of the default SoC at work at once: a periodic timer interrupt, accelerator commands in flight on
 * all units with tokens and fences, console output with characters of several bytes, regions, sleep.
 */
const main = `#include <stdint.h>
#include "presilicon/csr.h"
#include "presilicon/finish.h"
#include "presilicon/plic.h"
#include "presilicon/print.h"
#include "presilicon/region.h"
#include "presilicon/ring.h"
#include "presilicon/timer.h"
#include "presilicon/trap.h"
#include "presilicon/uart.h"
#include "soc.h"

#define ADDRESS(pointer) ((uint32_t)(uintptr_t)(pointer))
#define PERIOD 700
#define ROUNDS 6
#define BYTES 512

union command {
  struct accelerator_load load;
  struct accelerator_store store;
  struct accelerator_copy copy;
  struct accelerator_fence fence;
};

static uint8_t source[BYTES], target[ROUNDS][BYTES];
static volatile uint32_t ticks;
static struct ring ring;
static union command commands[4 * ROUNDS];

static void tick(void)
{
  ticks++;
  timer_set_deadline(timer_now() + PERIOD);
}

/* Every round: load, copy inside the scratchpad, store, fence; one unit hands on to the next. */
static void fill(void)
{
  for (uint32_t i = 0; i < ROUNDS; i++) {
    const uint32_t to = 0x2000 + i * BYTES;
    commands[4 * i].load = (struct accelerator_load){.opcode = ACCELERATOR_OPCODE_LOAD, .signal = ACCELERATOR_UNIT_COMPUTE,
      .ram = ADDRESS(source), .scratch = i * BYTES, .bytes = BYTES, .rows = 1, .planes = 1};
    commands[4 * i + 1].copy = (struct accelerator_copy){.opcode = ACCELERATOR_OPCODE_COPY, .wait = ACCELERATOR_UNIT_LOAD,
      .signal = ACCELERATOR_UNIT_STORE, .input = i * BYTES, .output = to, .bytes = BYTES, .rows = 1, .planes = 1};
    commands[4 * i + 2].store = (struct accelerator_store){.opcode = ACCELERATOR_OPCODE_STORE, .wait = ACCELERATOR_UNIT_COMPUTE,
      .ram = ADDRESS(target[i]), .scratch = to, .bytes = BYTES, .rows = 1, .planes = 1};
    commands[4 * i + 3].fence = (struct accelerator_fence){.opcode = ACCELERATOR_OPCODE_FENCE, .interrupt = 1, .sequence = i + 1};
  }
}

int main(void)
{
  for (uint32_t i = 0; i < BYTES; i++) source[i] = (uint8_t)(i * 7 + 3);
  fill();
  interrupt_attach(INTERRUPT_TIMER, tick);
  timer_set_deadline(timer_now() + PERIOD);
  interrupts_enable();
  if (ring_open(&ring, SOC_ACCELERATOR_BASE, SOC_ACCELERATOR_IRQ) != RING_DONE) return 1;
  region_begin(1);
  ring_start(&ring, commands, 4 * ROUNDS);
  ring_submit(&ring, 4 * ROUNDS);
  uint32_t work = 1;
  for (uint32_t i = 1; i <= ROUNDS; i++) {
    region_begin(i + 1);
    for (volatile uint32_t j = 0; j < 20; j++) work = work * 1664525u + j;
    print("\\xe2\\x82\\xac");
    if (ring_wait(&ring, i) != RING_DONE) return 2;
    region_end(i + 1);
  }
  region_end(1);
  print(" done\\n");
  region_check(work);
  while (ticks < 4) __asm__ volatile("wfi");
  for (uint32_t i = 0; i < BYTES; i++) if (target[ROUNDS - 1][i] != source[i]) return 3;
  return 42;
}
`

export function buildBusyFirmware(toolchain: Toolchain, soc = defaultSoc): Promise<Uint8Array> {
  const files = { 'accelerator.h': acceleratorHeader(cnn, resolveParameters(cnn, {})), 'main.c': main }
  return build(toolchain, files, ['boot', 'hal', 'libc', 'accel'], soc)
}
