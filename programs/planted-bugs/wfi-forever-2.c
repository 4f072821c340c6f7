#include "base.h"

static const union command commands[] = {LOAD(input[0], 0), FENCE(1)};

static void pause(void)
{
  for (volatile int i = 0; i < 200; i++) {
  }
}

/* All is done and its interrupt served (second: trap_entry) before the hart goes to sleep. */
void wfi_forever_2(void)
{
  begin(commands, COUNT(commands));
  plic_attach(SOC_ACCELERATOR_IRQ, 1, serve);
  interrupts_enable();
  ring_submit(&ring, COUNT(commands));
  pause();
#ifdef BUG
  wait_for_interrupt(); /* first: wfi_forever_2 */
#endif
  ring_wait(&ring, 1);
}
