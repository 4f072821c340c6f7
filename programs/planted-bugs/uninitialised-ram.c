#include "base.h"

#define HEAP ((int8_t *)0x80200000)

/* The input stands in memory that nobody has written: its loop ends too early. */
static const union command commands[] = {
    LOAD(0x80200000, 0, SIGNAL(STORE)),
    STORE(0, output[0], WAIT(LOAD)),
    FENCE(1),
};

void uninitialised_ram(void)
{
#ifdef BUG
  const uint32_t bytes = BYTES / 2;
#else
  const uint32_t bytes = BYTES;
#endif
  for (uint32_t i = 0; i < bytes; i++) ((volatile int8_t *)HEAP)[i] = (int8_t)i;
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* first: uninitialised_ram */
  ring_wait(&ring, 1);
}
