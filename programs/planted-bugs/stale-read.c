#include "base.h"

/* The second layer loads one of its two rows: the other is what the first layer left in the scratchpad. */
static const union command commands[NETWORK_COMMANDS] = {
    LOAD_ROWS(FIRST, 0, 2, BYTES, SIGNAL(STORE)),
    STORE_ROWS(0, MIDDLE, 2, WAIT(LOAD), SIGNAL(LOAD)),
#ifdef BUG
    LOAD(MIDDLE, 0, WAIT(STORE), SIGNAL(STORE)),
#else
    LOAD_ROWS(MIDDLE, 0, 2, BYTES, WAIT(STORE), SIGNAL(STORE)),
#endif
    STORE_ROWS(0, LAST, 2, WAIT(LOAD)),
    FENCE(1),
};

void stale_read(void)
{
  run_network(commands); /* first: run_network, second: run_network */
}
