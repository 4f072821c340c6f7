#include "base.h"

static const union command commands[] = {LOAD(input[0], 0), FENCE(1)};

__attribute__((noinline)) static int is_done(void)
{
  const enum ring_state state = ring_poll(&ring, 1);
  if (state == RING_FAILED) ring_print_error(&ring);
  return state != RING_BUSY;
}

/* The fence completes and its interrupt is served (second: serve) between the look at it and the wfi. */
void lost_wakeup_2(void)
{
  begin(commands, COUNT(commands));
  plic_attach(SOC_ACCELERATOR_IRQ, 1, serve);
  interrupts_enable();
  ring_submit(&ring, COUNT(commands));
#ifdef BUG
  while (!is_done()) wait_for_interrupt(); /* first: lost_wakeup_2 */
#else
  for (interrupts_disable(); !is_done(); interrupts_disable()) {
    wait_for_interrupt();
    interrupts_enable();
  }
#endif
}
