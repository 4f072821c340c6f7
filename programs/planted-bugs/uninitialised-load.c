#include "base.h"

/* A local variable is used before it is set. */
void uninitialised_load(void)
{
  volatile int32_t total[8];
#ifndef BUG
  total[3] = 0;
#endif
  sink = total[3] + 1; /* first: uninitialised_load, second: uninitialised_load */
}
