#include "base.h"

#define CLAIM ((volatile uint32_t *)(SOC_PLIC_BASE + 0x200004))

static const union command commands[] = {LOAD(input[0], 0), FENCE(1)};

/* The claimed number is not written back, so this interrupt never comes again. */
static void handle(void)
{
  const uint32_t source = *CLAIM; /* first: handle */
  serve(source);
#ifndef BUG
  *CLAIM = source;
#endif
}

void interrupt_not_completed(void)
{
  begin(commands, COUNT(commands));
  interrupt_attach(INTERRUPT_EXTERNAL, handle);
  interrupts_enable();
  ring_submit(&ring, COUNT(commands));
  while (ring_poll(&ring, 1) != RING_DONE) {
  }
  for (volatile int i = 0; i < 100; i++) {
  }
}
