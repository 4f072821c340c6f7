#include "base.h"

static const int32_t table[4] = {1, 2, 3, 4};

/* The const is cast away. */
void write_to_constant(void)
{
#ifdef BUG
  *(volatile int32_t *)(uintptr_t)&table[1] = 5; /* first: write_to_constant */
#endif
  sink = ((const volatile int32_t *)table)[1];
}
