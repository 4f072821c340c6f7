#include "base.h"

/* Each takes a token from the other before it gives one: a buffer that is free at first, but nobody says so. */
static const union command commands[] = {
#ifdef BUG
    LOAD(input[0], 0, WAIT(COMPUTE), SIGNAL(COMPUTE)),
#else
    LOAD(input[0], 0, SIGNAL(COMPUTE)),
#endif
    COPY(0, BYTES, WAIT(LOAD), SIGNAL(LOAD)),
    LOAD(input[1], 0, WAIT(COMPUTE)),
    FENCE(1),
};

void missing_token_2(void)
{
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* first: missing_token_2 */ /* second: missing_token_2 */
  ring_wait(&ring, 1);
}
