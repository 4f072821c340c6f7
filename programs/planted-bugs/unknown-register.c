#include "base.h"

static uint32_t skip(const struct exception *exception)
{
  return exception->pc + 4;
}

/* An offset of another version of the block. */
void unknown_register(void)
{
  exception_attach(skip);
#ifdef BUG
  *(volatile uint32_t *)(SOC_ACCELERATOR_BASE + 0xff0) = 1; /* first: unknown_register */
#endif
}
