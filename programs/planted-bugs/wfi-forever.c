#include "base.h"

static const union command commands[] = {LOAD(input[0], 0), FENCE(1)};

/* Every interrupt is masked in mie, and then waited for. */
void wfi_forever(void)
{
  begin(commands, COUNT(commands));
#ifdef BUG
  CSR_WRITE(mie, 0);
#endif
  ring_submit(&ring, COUNT(commands));
#ifdef BUG
  wait_for_interrupt(); /* first: wfi_forever */
#endif
  ring_wait(&ring, 1);
}
