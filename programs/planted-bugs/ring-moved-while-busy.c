#include "base.h"

static const union command commands[] = {LOAD(input[0], 0), FENCE(1)};

/* The next stream is set up without waiting for the end of the one before. */
void ring_moved_while_busy(void)
{
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands));
#ifndef BUG
  ring_wait(&ring, 1);
#endif
  ring_write(&ring, ACCELERATOR_RING_BASE, ADDRESS(commands)); /* first: ring_moved_while_busy */
#ifdef BUG
  ring_print_error(&ring);
  ring_write(&ring, ACCELERATOR_CONTROL, ACCELERATOR_CONTROL_RESET);
#endif
}
