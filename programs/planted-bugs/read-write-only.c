#include "base.h"

/* The test finisher is for writing. */
void read_write_only(void)
{
#ifdef BUG
  sink = *(volatile int32_t *)SOC_FINISHER_BASE; /* first: read_write_only */
#endif
}
