#include "base.h"

static union command slots[2];

/* The size of the ring in bytes: the third command goes behind its slots. */
void outside_object_2(void)
{
#ifdef BUG
  begin(slots, sizeof slots);
#else
  begin(slots, COUNT(slots));
#endif
  for (uint32_t i = 1; i <= 3; i++) {
    const union command fence = FENCE(i);
    ring_push_wait(&ring, &fence);
    ring_submit_pushed(&ring); /* first: outside_object_2 */
  }
  ring_wait(&ring, 3);
}
