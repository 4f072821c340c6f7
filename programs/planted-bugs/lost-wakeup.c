#include "base.h"

static volatile int done;
static const union command commands[] = {LOAD(input[0], 0), FENCE(1)};

static void handle(uint32_t source)
{
  serve(source);
  done = 1; /* second: handle */
}

/* An interrupt between the check and the wfi is served, and then the hart sleeps for ever. */
void lost_wakeup(void)
{
  begin(commands, COUNT(commands));
  plic_attach(SOC_ACCELERATOR_IRQ, 1, handle);
  interrupts_enable();
  ring_submit(&ring, COUNT(commands));
#ifdef BUG
  while (!done) wait_for_interrupt(); /* first: lost_wakeup */
#else
  for (;;) {
    const uint32_t enabled = interrupts_disable();
    const int ready = done;
    if (!ready) wait_for_interrupt();
    interrupts_restore(enabled);
    if (ready) break;
  }
#endif
  ring_wait(&ring, 1);
}
