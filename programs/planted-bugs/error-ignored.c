#include "base.h"

static const union command commands[] = {LOAD(0x70000000u, 0), FENCE(1), LOAD(input[0], 0), FENCE(2)};

/* The first LOAD fails; firmware waits for some time instead of looking, and submits more. */
void error_ignored(void)
{
  begin(commands, COUNT(commands));
  ring_submit(&ring, 2);
  for (volatile int i = 0; i < 100; i++) {
  }
#ifndef BUG
  ring_print_error(&ring);
  ring_write(&ring, ACCELERATOR_CONTROL, ACCELERATOR_CONTROL_RESET);
#else
  ring_submit(&ring, 4); /* first: error_ignored */
#endif
}
