#include "base.h"

static uint32_t skip(const struct exception *exception)
{
  return exception->pc + 4;
}

/* A byte is stored where the register has 32 bits. */
void register_width(void)
{
  exception_attach(skip);
#ifdef BUG
  *(volatile uint8_t *)(SOC_ACCELERATOR_BASE + ACCELERATOR_IRQ_ENABLE) = 1; /* first: register_width */
#else
  *(volatile uint32_t *)(SOC_ACCELERATOR_BASE + ACCELERATOR_IRQ_ENABLE) = 1;
#endif
}
