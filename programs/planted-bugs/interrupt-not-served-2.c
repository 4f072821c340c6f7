#include "base.h"

static volatile uint32_t fence, count;
static const union command commands[] = {LOAD(input[0], 0), FENCE(1)};

/* Looked at, but not cleared: reading FENCE does not lower the line. */
static void look(uint32_t source)
{
  fence = ring_read(&ring, ACCELERATOR_FENCE);
  count++;
#ifdef BUG
  if (count > 2) plic_attach(source, 1, 0);
#else
  serve(source);
#endif
}

void interrupt_not_served_2(void)
{
  begin(commands, COUNT(commands));
  plic_attach(SOC_ACCELERATOR_IRQ, 1, look); /* claims and completes (first: plic_serve, second: plic_serve) */
  interrupts_enable();
  ring_submit(&ring, COUNT(commands));
  while (fence == 0) {
  }
  ring_poll(&ring, 1);
}
