#include "base.h"

/* All ones, where two bits mean something. */
void reserved_register_bits(void)
{
  ring_open(&ring, SOC_ACCELERATOR_BASE, SOC_ACCELERATOR_IRQ);
#ifdef BUG
  ring_write(&ring, ACCELERATOR_IRQ_ENABLE, 0xffffffffu); /* first: reserved_register_bits */
#else
  ring_write(&ring, ACCELERATOR_IRQ_ENABLE, ACCELERATOR_IRQ_ENABLE_FENCE | ACCELERATOR_IRQ_ENABLE_ERROR);
#endif
}
