#include "base.h"

/* COMPUTE gets a token that it never takes; in the next round everything of it starts one command too early. */
static const union command commands[] = {
#ifdef BUG
    LOAD(input[0], 0, .signal = ACCELERATOR_UNIT_STORE | ACCELERATOR_UNIT_COMPUTE),
#else
    LOAD(input[0], 0, SIGNAL(STORE)),
#endif
    STORE(0, output[0], WAIT(LOAD)),
    FENCE(1),
};

void surplus_token(void)
{
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* first: surplus_token */
  ring_wait(&ring, 1);
}
