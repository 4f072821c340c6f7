#include "base.h"

static const union command commands[] = {
    LOAD(input[0], 0, SIGNAL(STORE)),
    STORE(0, output[0], WAIT(LOAD)),
    FENCE(1),
};

/* The register says that it is done, but a load may have been carried out before the register was read. */
void completion_without_fence(void)
{
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* first: completion_without_fence */
  while (ring_read(&ring, ACCELERATOR_FENCE) != 1) {
  }
#ifndef BUG
  __asm__ volatile("fence i, r" ::: "memory");
#endif
  sink = output[0][0]; /* second: completion_without_fence */
}
