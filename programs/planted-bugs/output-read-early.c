#include "base.h"

static const union command commands[] = {
    LOAD(input[0], 0, SIGNAL(STORE)),
    STORE(0, output[0], WAIT(LOAD)),
    FENCE(1),
};

/* The output is read without waiting for the fence behind it. */
void output_read_early(void)
{
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* second: output_read_early */
#ifdef BUG
  sink = output[0][0]; /* first: output_read_early */
#endif
  ring_wait(&ring, 1);
  sink = output[0][0];
}
