#include "base.h"

static const union command commands[] = {
    LOAD(input[0], 0, SIGNAL(STORE)),
    STORE(0, output[0], WAIT(LOAD)),
    FENCE(1),
};

/* Nobody waits for the last fence. */
void exit_while_busy(void)
{
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* first: exit_while_busy */
#ifndef BUG
  ring_wait(&ring, 1);
#else
  for (volatile int i = 0; i < 1000; i++) {
  }
#endif
}
