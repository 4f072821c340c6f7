#include "base.h"

static union command commands[] = {
    LOAD(input[0], 0, SIGNAL(STORE)),
    STORE(0, output[0], WAIT(LOAD)),
    FENCE(1),
};

/* A command is corrected after the doorbell: the accelerator may have fetched it, or half of it. */
void descriptor_changed(void)
{
  begin(commands, COUNT(commands));
#ifdef BUG
  ring_submit(&ring, COUNT(commands)); /* second: descriptor_changed */
  ((volatile union command *)commands)[1].store.ram = ADDRESS(output[1]); /* first: descriptor_changed */
#else
  ((volatile union command *)commands)[1].store.ram = ADDRESS(output[1]);
  ring_submit(&ring, COUNT(commands));
#endif
  ring_wait(&ring, 1);
}
