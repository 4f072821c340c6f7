#include "base.h"

/* Not inlined: what it leaves on the stack must be its own. */
__attribute__((noinline)) static void start(void)
{
  const union command commands[] = {LOAD(input[0], 0), FENCE(1)};
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* second: start */
#ifndef BUG
  ring_wait(&ring, 1);
#endif
} /* first: start */

/* Commands in a local variable of a function that does not wait. */
void stack_left_early_2(void)
{
  start();
  ring_wait(&ring, 1);
}
