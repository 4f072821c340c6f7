#include "base.h"

/* STORE does not wait for LOAD: it may send what stood in the scratchpad before. */
static const union command commands[] = {
#ifdef BUG
    LOAD(input[0], 0),
    STORE(0, output[0]),
#else
    LOAD(input[0], 0, SIGNAL(STORE)),
    STORE(0, output[0], WAIT(LOAD)),
#endif
    FENCE(1),
};

void unordered_read(void)
{
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* first: unordered_read, second: unordered_read */
  ring_wait(&ring, 1);
}
