#include "base.h"

static const union command commands[] = {LOAD(input[0], 0), FENCE(1)};

static volatile uint32_t count;

/* The handler silences the device, but never asks the PLIC. */
static void handle(void) /* first: trap_entry */
{
  serve(0);
  count++;
#ifdef BUG
  if (count > 2) CSR_CLEAR(mie, 1u << INTERRUPT_EXTERNAL);
#else
  plic_serve();
#endif
}

void interrupt_not_claimed(void)
{
  begin(commands, COUNT(commands));
  interrupt_attach(INTERRUPT_EXTERNAL, handle);
  interrupts_enable();
  ring_submit(&ring, COUNT(commands));
  while (ring_poll(&ring, 1) != RING_DONE) {
  }
  for (volatile int i = 0; i < 100; i++) {
  }
}
