#include "base.h"

static const union command commands[] = {LOAD(input[0], 0), FENCE(1)};

/* A reset masks the interrupts of the accelerator, too. */
void wfi_forever_4(void)
{
  ring_open(&ring, SOC_ACCELERATOR_BASE, SOC_ACCELERATOR_IRQ);
#ifdef BUG
  ring_write(&ring, ACCELERATOR_CONTROL, ACCELERATOR_CONTROL_RESET);
  ring_write(&ring, ACCELERATOR_CONTROL, ACCELERATOR_CONTROL_ENABLE);
#endif
  ring_start(&ring, commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands)); /* second: wfi_forever_4 */
  ring_wait(&ring, 1);                 /* sleeps (first: ring_wait) */
}
