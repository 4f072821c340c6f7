#include "base.h"

static const union command commands[] = {LOAD(input[0], 0), FENCE(1)};

/* A reset, and then a set-up that forgets to switch the ring on. */
void wfi_forever_3(void)
{
  ring_open(&ring, SOC_ACCELERATOR_BASE, SOC_ACCELERATOR_IRQ);
  ring_write(&ring, ACCELERATOR_CONTROL, ACCELERATOR_CONTROL_RESET);
  ring_write(&ring, ACCELERATOR_RING_BASE, ADDRESS(commands));
  ring_write(&ring, ACCELERATOR_RING_SIZE, COUNT(commands));
  ring_write(&ring, ACCELERATOR_IRQ_ENABLE, ACCELERATOR_IRQ_ENABLE_FENCE);
#ifndef BUG
  ring_write(&ring, ACCELERATOR_CONTROL, ACCELERATOR_CONTROL_ENABLE);
#endif
  ring_submit(&ring, COUNT(commands)); /* second: wfi_forever_3 */
#ifdef BUG
  CSR_SET(mie, 1u << 11);
  wait_for_interrupt(); /* first: wfi_forever_3 */
#endif
  ring_wait(&ring, 1);
}
