#include "base.h"

__attribute__((noinline)) static int32_t first_half(void)
{
  volatile int32_t terms[8];
  for (int32_t i = 0; i < 8; i++) terms[i] = i;
  return terms[3] + terms[5];
}

__attribute__((noinline)) static int32_t second_half(void)
{
  volatile int32_t terms[8];
#ifdef BUG
  const int32_t count = 7;
#else
  const int32_t count = 8;
#endif
  for (int32_t i = 0; i < count; i++) terms[i] = 2 * i;
  return terms[1] + terms[7]; /* first: second_half */
}

/* A local variable without a value has the one that another function has left there: right, sometimes. */
void uninitialised_load_2(void)
{
  sink = first_half();
  sink = second_half(); /* second: uninitialised_load_2 */
}
