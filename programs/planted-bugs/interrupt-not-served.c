#include "base.h"

#define CLAIM ((volatile uint32_t *)(SOC_PLIC_BASE + 0x200004))

static volatile int done;
static const union command commands[] = {LOAD(input[0], 0), FENCE(1)};

/* Claimed and completed, but the accelerator still drives its line: the interrupt comes again at once. */
static void handle(void)
{
  const uint32_t source = *CLAIM; /* second: handle */
#ifdef BUG
  if (done++ > 2) CSR_CLEAR(mie, 1u << INTERRUPT_EXTERNAL);
#else
  done = 1;
  serve(source);
#endif
  *CLAIM = source; /* first: handle */
}

void interrupt_not_served(void)
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
