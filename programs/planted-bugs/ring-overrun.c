#include "base.h"

static const union command commands[] = {LOAD(input[0], 0), FENCE(1)};

/* The doorbell promises a command more than there are slots. */
void ring_overrun(void)
{
  begin(commands, COUNT(commands));
#ifdef BUG
  ring_submit(&ring, COUNT(commands) + 1); /* first: ring_overrun */
#else
  ring_submit(&ring, COUNT(commands));
#endif
  if (ring_wait(&ring, 1) != RING_DONE) ring_print_error(&ring);
}
