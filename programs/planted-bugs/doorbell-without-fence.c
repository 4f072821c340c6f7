#include "base.h"

static const union command commands[] = {
    LOAD(input[0], 0, SIGNAL(STORE)),
    STORE(0, output[0], WAIT(LOAD)),
    FENCE(1),
};

/* The input is written, then the doorbell, and nothing keeps the two in this order on the way to memory and device. */
void doorbell_without_fence(void)
{
  begin(commands, COUNT(commands));
  *(volatile int8_t *)input[0] = 7; /* first: doorbell_without_fence */
#ifdef BUG
  ring_write(&ring, ACCELERATOR_RING_TAIL, COUNT(commands)); /* second: doorbell_without_fence */
#else
  ring_submit(&ring, COUNT(commands));
#endif
  ring_wait(&ring, 1);
}
