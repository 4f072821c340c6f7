#include "base.h"

#define LOADS 300

static union command commands[LOADS + 1];

/* More tokens than the hardware counts: the taker runs far behind, or never comes. */
void token_overflow(void)
{
  const union command load = LOAD(input[0], 0, SIGNAL(STORE)), fence = FENCE(1);
  begin(commands, COUNT(commands));
  for (uint32_t i = 0; i < LOADS; i++) {
    ring_push(&ring, &load);
#ifndef BUG
    ((union command *)ring.slots)[i].load.signal = 0;
#endif
  }
  ring_push(&ring, &fence);
  ring_submit_pushed(&ring); /* first: token_overflow */
  if (ring_wait(&ring, 1) != RING_DONE) ring_print_error(&ring);
}
