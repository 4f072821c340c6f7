#include "base.h"

/* What STORE sends was never loaded. */
static const union command commands[] = {
#ifdef BUG
    LOAD(input[0], 0, SIGNAL(STORE)),
#else
    LOAD(input[0], BYTES, SIGNAL(STORE)),
#endif
    STORE(BYTES, output[0], WAIT(LOAD)),
    FENCE(1),
};

void uninitialised_scratchpad(void)
{
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* first: uninitialised_scratchpad */
  ring_wait(&ring, 1);
}
