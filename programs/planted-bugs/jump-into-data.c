#include "base.h"

/* li a0, 0; ret: code, but in data. */
static volatile uint32_t data[] = {0x00000513, 0x00008067};

#ifndef BUG
static void nothing(void)
{
}
#endif

void jump_into_data(void)
{
#ifdef BUG
  void (*volatile target)(void) = (void (*)(void))(uintptr_t)data;
#else
  void (*volatile target)(void) = nothing;
#endif
  sink = (int32_t)data[0];
  target(); /* first: jump_into_data */
  sink = 0;
}
