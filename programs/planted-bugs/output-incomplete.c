#include "base.h"

/* The second layer stores one of its two rows. */
static const union command commands[NETWORK_COMMANDS] = {
    LOAD_ROWS(FIRST, 0, 2, BYTES, SIGNAL(STORE)),
    STORE_ROWS(0, MIDDLE, 2, WAIT(LOAD), SIGNAL(LOAD)),
    LOAD_ROWS(MIDDLE, 0, 2, BYTES, WAIT(STORE), SIGNAL(STORE)),
#ifdef BUG
    STORE(0, LAST, WAIT(LOAD)),
#else
    STORE_ROWS(0, LAST, 2, WAIT(LOAD)),
#endif
    FENCE(1),
};

void output_incomplete(void)
{
  run_network(commands); /* first: run_network, second: run_network */
}
