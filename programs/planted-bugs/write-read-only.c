#include "base.h"

/* RING_HEAD belongs to the hardware; the PLIC's pending bits too, and there nothing traps. */
void write_read_only(void)
{
#ifdef BUG
  *(volatile uint32_t *)(SOC_PLIC_BASE + 0x1000) = 0; /* first: write_read_only */
#endif
}
