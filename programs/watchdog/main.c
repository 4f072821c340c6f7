/*
 * A copy through the accelerator that survives hardware which misbehaves: the timer ends every wait, a failed or late
 * attempt is reset and tried again, the result is checked, and after three attempts the CPU does the work. Try
 * `sim run watchdog.elf --inject stuck:unit=load,at=0`.
 */
#include "presilicon/csr.h"
#include "presilicon/print.h"
#include "presilicon/ring.h"
#include "presilicon/timer.h"
#include "presilicon/trap.h"
#include "soc.h"

#define PATIENCE (SOC_TIMEBASE_HZ / 20000) /* 50 microseconds */
#define ATTEMPTS 3
#define BYTES 1024u
#define ADDRESS(pointer) ((uint32_t)(uintptr_t)(pointer))

static uint8_t from[BYTES], to[BYTES];
static struct ring ring;

static const union {
  struct accelerator_load load;
  struct accelerator_store store;
  struct accelerator_fence fence;
} commands[] = {
    {.load = {.opcode = ACCELERATOR_OPCODE_LOAD, .signal = ACCELERATOR_UNIT_STORE, .ram = ADDRESS(from),
              .bytes = BYTES, .rows = 1, .planes = 1}},
    {.store = {.opcode = ACCELERATOR_OPCODE_STORE, .wait = ACCELERATOR_UNIT_LOAD, .ram = ADDRESS(to), .bytes = BYTES,
               .rows = 1, .planes = 1}},
    {.fence = {.opcode = ACCELERATOR_OPCODE_FENCE, .interrupt = 1, .sequence = 1}},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

/* Nothing more will come; what waits for the timer looks at the time itself. */
static void on_timer(void)
{
  timer_set_deadline(UINT64_MAX);
}

/* What is pending is taken where interrupts are unmasked, and wakes wfi before that: nothing slips through. */
static enum ring_state wait(uint64_t deadline)
{
  enum ring_state state;
  timer_set_deadline(deadline);
  while ((state = ring_poll(&ring, 1)) == RING_BUSY && timer_now() < deadline) {
    wait_for_interrupt();
    interrupts_enable();
    interrupts_disable();
  }
  timer_set_deadline(UINT64_MAX);
  return state;
}

static const char *attempt(void)
{
  if (ring_open(&ring, SOC_ACCELERATOR_BASE, SOC_ACCELERATOR_IRQ) != RING_DONE) return "no accelerator";
  ring_start(&ring, commands, COMMANDS);
  ring_submit(&ring, COMMANDS);
  const enum ring_state state = wait(timer_now() + PATIENCE);
  if (state == RING_FAILED) return "bus error";
  if (state == RING_BUSY) return "no answer";
  for (uint32_t i = 0; i < BYTES; i++)
    if (to[i] != from[i]) return "wrong data";
  return 0;
}

int main(void)
{
  for (uint32_t i = 0; i < BYTES; i++) from[i] = (uint8_t)(i * 7);
  interrupt_attach(INTERRUPT_TIMER, on_timer);
  for (int count = 1; count <= ATTEMPTS; count++) {
    const char *const failure = attempt();
    print("attempt %d: %s\n", count, failure == 0 ? "done" : failure);
    if (failure == 0) return 0;
    ring_write(&ring, ACCELERATOR_CONTROL, ACCELERATOR_CONTROL_RESET);
  }
  for (uint32_t i = 0; i < BYTES; i++) to[i] = from[i];
  print("done by the CPU\n");
  return 0;
}
