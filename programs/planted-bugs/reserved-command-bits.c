#include "base.h"

/* A leftover in the reserved byte of the header. */
static const union command commands[] = {
#ifdef BUG
    LOAD(input[0], 0, .reserved = 1),
#else
    LOAD(input[0], 0),
#endif
    FENCE(1),
};

void reserved_command_bits(void)
{
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* first: reserved_command_bits */
  if (ring_wait(&ring, 1) != RING_DONE) ring_print_error(&ring);
}
