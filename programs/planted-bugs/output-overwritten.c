#include "base.h"

static const union command commands[] = {
    LOAD(input[0], 0, SIGNAL(STORE)),
    STORE(0, output[0], WAIT(LOAD)),
    FENCE(1),
};

/* The output buffer is cleared for the next round while STORE still fills it. */
void output_overwritten(void)
{
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* second: output_overwritten */
#ifdef BUG
  *(volatile int8_t *)output[0] = 0; /* first: output_overwritten */
#endif
  ring_wait(&ring, 1);
  *(volatile int8_t *)output[0] = 0;
}
