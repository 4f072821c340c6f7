#include "base.h"

/* The second layer loads the input of the first. */
static const union command commands[NETWORK_COMMANDS] = {
    LOAD_ROWS(FIRST, 0, 2, BYTES, SIGNAL(STORE)),
    STORE_ROWS(0, MIDDLE, 2, WAIT(LOAD), SIGNAL(LOAD)),
#ifdef BUG
    LOAD_ROWS(FIRST, 0, 2, BYTES, WAIT(STORE), SIGNAL(STORE)),
#else
    LOAD_ROWS(MIDDLE, 0, 2, BYTES, WAIT(STORE), SIGNAL(STORE)),
#endif
    STORE_ROWS(0, LAST, 2, WAIT(LOAD)),
    FENCE(1),
};

void outside_tensor(void)
{
  run_network(commands); /* first: run_network */
}
