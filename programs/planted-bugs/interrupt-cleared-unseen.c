#include "base.h"

static const union command commands[] = {LOAD(input[0], 0), FENCE(1), LOAD(input[1], BYTES), FENCE(2)};

/* What happened before is cleared without having been looked at, and work goes on. */
void interrupt_cleared_unseen(void)
{
  begin(commands, COUNT(commands));
  plic_attach(SOC_ACCELERATOR_IRQ, 1, 0);
  ring_submit(&ring, 2);
  for (volatile int i = 0; i < 100; i++) {
  }
#ifdef BUG
  ring_write(&ring, ACCELERATOR_IRQ_STATUS, ACCELERATOR_IRQ_STATUS_FENCE); /* first: interrupt_cleared_unseen */
#else
  serve(0);
#endif
  ring_submit(&ring, COUNT(commands));
  while (ring_poll(&ring, 2) != RING_DONE) {
  }
}
