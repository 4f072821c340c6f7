#include "base.h"
#include "presilicon/timer.h"

#define DEADLINE ((volatile uint32_t *)(SOC_CLINT_BASE + 0x4000))

static void on_timer(void)
{
  timer_set_deadline(UINT64_MAX);
}

/* The high word goes before the low one, and until that follows the deadline lies in the past. */
void timer_fires_early(void)
{
  DEADLINE[0] = 0;
  interrupt_attach(INTERRUPT_TIMER, on_timer);
  interrupts_enable();
#ifdef BUG
  DEADLINE[1] = 0;      /* first: timer_fires_early */
  DEADLINE[0] = 100000; /* second: timer_fires_early */
#else
  timer_set_deadline(100000);
#endif
  timer_set_deadline(UINT64_MAX);
}
