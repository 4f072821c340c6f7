#include "base.h"

/* The second LOAD does not wait until STORE has left the buffer. */
static const union command commands[] = {
    LOAD(input[0], 0, SIGNAL(STORE)),
#ifdef BUG
    STORE(0, output[0], WAIT(LOAD)),
    LOAD(input[1], 0, SIGNAL(STORE)),
#else
    STORE(0, output[0], WAIT(LOAD), SIGNAL(LOAD)),
    LOAD(input[1], 0, WAIT(STORE), SIGNAL(STORE)),
#endif
    STORE(0, output[1], WAIT(LOAD)),
    FENCE(1),
};

void buffer_reused_early(void)
{
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* first: buffer_reused_early, second: buffer_reused_early */
  ring_wait(&ring, 1);
}
