/*
 * The accelerator's error interrupt: a command that it refuses stops the ring. The handler says what is wrong with which
 * command and field; after a reset the corrected command runs.
 */
#include "presilicon/csr.h"
#include "presilicon/plic.h"
#include "presilicon/print.h"
#include "presilicon/ring.h"
#include "soc.h"

#define ADDRESS(pointer) ((uint32_t)(uintptr_t)(pointer))

static uint8_t from[64], to[64];
static struct ring ring;
static volatile struct ring_error error;
static volatile int errors;

static union command {
  struct accelerator_load load;
  struct accelerator_store store;
  struct accelerator_fence fence;
} commands[] = {
    {.load = {.opcode = ACCELERATOR_OPCODE_LOAD, .signal = ACCELERATOR_UNIT_STORE, .ram = ADDRESS(from), .bytes = 64,
              .rows = 1, .planes = 1}},
    {.store = {.opcode = ACCELERATOR_OPCODE_STORE, .wait = ACCELERATOR_UNIT_LOAD, .ram = ADDRESS(to), .bytes = 64,
               .rows = 1, .planes = 1}},
    {.fence = {.opcode = ACCELERATOR_OPCODE_FENCE, .interrupt = 1, .sequence = 1}},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

/* Both events of the accelerator come here; only writing IRQ_STATUS lowers its line. */
static void on_accelerator(uint32_t source)
{
  (void)source;
  const uint32_t events = ring_read(&ring, ACCELERATOR_IRQ_STATUS);
  if ((events & ACCELERATOR_IRQ_STATUS_ERROR) != 0) {
    error = ring_error(&ring);
    errors++;
  }
  ring_write(&ring, ACCELERATOR_IRQ_STATUS, events);
}

/* Resets the accelerator and runs the commands; what ring_open attached is replaced by a handler of our own. */
static enum ring_state run(void)
{
  if (ring_open(&ring, SOC_ACCELERATOR_BASE, SOC_ACCELERATOR_IRQ) != RING_DONE) return RING_NO_DEVICE;
  plic_attach(SOC_ACCELERATOR_IRQ, 1, on_accelerator);
  ring_start(&ring, commands, COMMANDS);
  ring_submit(&ring, COMMANDS);
  return ring_wait(&ring, 1);
}

static void report(const char *what, enum ring_state state)
{
  print("%s: %s, %d error interrupts", what, state == RING_DONE ? "done" : "failed", errors);
  if (state == RING_FAILED)
    print(", code %u at command %u, field %d", (unsigned)error.code,
          (unsigned)((error.address - ADDRESS(commands)) / ACCELERATOR_COMMAND_BYTES), (int)error.field);
  if (error.code == ACCELERATOR_ERROR_CODE_BUS && state == RING_FAILED) print(", bus address 0x%x", (unsigned)error.bus_address);
  print("\n");
}

int main(void)
{
  interrupts_enable();
  commands[1].store.rows = 0;
  report("no rows", run());
  commands[1].store.rows = 1;
  commands[0].load.ram = 0x70000000u;
  report("no memory there", run());
  commands[0].load.ram = ADDRESS(from);
  commands[0].load.opcode = 0x7f;
  report("no such command", run());
  commands[0].load.opcode = ACCELERATOR_OPCODE_LOAD;
  for (unsigned i = 0; i < sizeof from; i++) from[i] = (uint8_t)(i + 1);
  report("corrected", run());
  return to[0] == 1 && to[63] == 64 ? 0 : 1;
}
