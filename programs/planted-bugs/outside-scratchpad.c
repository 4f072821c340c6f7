#include "base.h"

/* The second row begins behind the scratchpad's last byte. */
static const union command commands[] = {
#ifdef BUG
    LOAD_ROWS(input, 0, 2, 0x10000),
#else
    LOAD_ROWS(input, 0, 2, 0x1000),
#endif
    FENCE(1),
};

void outside_scratchpad(void)
{
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* first: outside_scratchpad */
  if (ring_wait(&ring, 1) != RING_DONE) ring_print_error(&ring);
}
