#include "base.h"

/* STORE waits for a token that LOAD does not give. */
static const union command commands[] = {
#ifdef BUG
    LOAD(input[0], 0),
#else
    LOAD(input[0], 0, SIGNAL(STORE)),
#endif
    STORE(0, output[0], WAIT(LOAD)),
    FENCE(1),
};

void missing_token(void)
{
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* first: missing_token */
  ring_wait(&ring, 1);
}
