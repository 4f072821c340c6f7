#include "base.h"

static union command commands[] = {LOAD(0, 0), FENCE(1)};

/* Not inlined: what it leaves on the stack must be its own. */
__attribute__((noinline)) static void start(void)
{
  int8_t row[BYTES] = {1, 2, 3};
  commands[0].load.ram = ADDRESS(row);
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* second: start */
#ifndef BUG
  ring_wait(&ring, 1);
#endif
} /* first: start */

/* Data in a local variable of a function that does not wait. */
void stack_left_early(void)
{
  start();
  ring_wait(&ring, 1);
}
