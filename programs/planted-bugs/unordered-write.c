#include "base.h"

/* Both write the same bytes, and no token says who is last. */
static const union command commands[] = {
#ifdef BUG
    LOAD(input[0], 0),
    COPY(BYTES, 0, .mode = ACCELERATOR_COPY_MODE_FILL),
#else
    LOAD(input[0], 0, SIGNAL(COMPUTE)),
    COPY(BYTES, 0, .mode = ACCELERATOR_COPY_MODE_FILL, WAIT(LOAD)),
#endif
    FENCE(1),
};

void unordered_write(void)
{
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* first: unordered_write, second: unordered_write */
  ring_wait(&ring, 1);
}
