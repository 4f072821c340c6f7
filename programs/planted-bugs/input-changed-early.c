#include "base.h"

static const union command commands[] = {
    LOAD(input[0], 0, SIGNAL(STORE)),
    STORE(0, output[0], WAIT(LOAD)),
    FENCE(1),
};

/* The next input is prepared in the buffer that the accelerator still reads. */
void input_changed_early(void)
{
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* second: input_changed_early */
#ifdef BUG
  *(volatile int8_t *)input[0] = 7; /* first: input_changed_early */
#endif
  ring_wait(&ring, 1);
  *(volatile int8_t *)input[0] = 7;
}
