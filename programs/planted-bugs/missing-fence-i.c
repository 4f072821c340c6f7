#include "base.h"

static volatile uint32_t code[2];

/* The instruction fetch may still see what stood there before. */
void missing_fence_i(void)
{
  void (*volatile target)(void) = (void (*)(void))(uintptr_t)code;
  code[0] = 0x00000513; /* li a0, 0; second: missing_fence_i */
  code[1] = 0x00008067; /* ret */
#ifndef BUG
  __asm__ volatile("fence.i" ::: "memory");
#endif
  target(); /* first: missing_fence_i */
  sink = 0;
}
