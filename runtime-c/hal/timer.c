#include "presilicon/timer.h"

#include "soc.h"

#define SOFTWARE_INTERRUPT ((volatile uint32_t *)SOC_CLINT_BASE)
#define DEADLINE ((volatile uint32_t *)(SOC_CLINT_BASE + 0x4000))
#define TIME ((volatile uint32_t *)(SOC_CLINT_BASE + 0xbff8))

uint64_t timer_now(void)
{
  uint32_t high, low, again;
  do {
    high = TIME[1];
    low = TIME[0];
    again = TIME[1];
  } while (high != again);
  return ((uint64_t)high << 32) | low;
}

void timer_set_deadline(uint64_t time)
{
  /* The low word first holds the latest time there is, so that no mixture of old and new fires early. */
  DEADLINE[0] = 0xffffffffu;
  DEADLINE[1] = (uint32_t)(time >> 32);
  DEADLINE[0] = (uint32_t)time;
}

void software_interrupt_set(int pending)
{
  *SOFTWARE_INTERRUPT = pending != 0;
}
