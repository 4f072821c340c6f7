#include "base.h"

static int8_t big[2 * BYTES], small[BYTES];

/* STORE writes more than the buffer holds. */
static const union command commands[] = {
    LOAD_ROWS(big, 0, 2, BYTES, SIGNAL(STORE)),
#ifdef BUG
    STORE_ROWS(0, small, 2, WAIT(LOAD)),
#else
    STORE(0, small, WAIT(LOAD)),
#endif
    FENCE(1),
};

void outside_object(void)
{
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* first: outside_object */
  ring_wait(&ring, 1);
}
