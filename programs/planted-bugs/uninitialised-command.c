#include "base.h"

#define SLOTS ((union command *)0x80300000)

static const union command commands[] = {
    LOAD(input[0], 0, SIGNAL(STORE)),
    STORE(0, output[0], WAIT(LOAD)),
    FENCE(1),
};

/* The doorbell counts one command too many: a slot that was never filled. */
void uninitialised_command(void)
{
  begin(SLOTS, 4);
  for (uint32_t i = 0; i < COUNT(commands); i++) ring_push(&ring, &commands[i]);
#ifdef BUG
  ring_submit(&ring, ring.tail + 1); /* first: uninitialised_command */
#else
  ring_submit(&ring, ring.tail);
#endif
  ring_wait(&ring, 1);
#ifdef BUG
  sink = (int32_t)ring_error(&ring).code;
  ring_write(&ring, ACCELERATOR_CONTROL, ACCELERATOR_CONTROL_RESET);
#endif
}
