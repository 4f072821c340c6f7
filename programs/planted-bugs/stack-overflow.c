#include "base.h"

/* A local array larger than the stack: it grows into the heap below. */
void stack_overflow(void)
{ /* first: stack_overflow */
#ifdef BUG
  int8_t local[80 << 10]; /* the stack has 64 KiB */
#else
  int8_t local[8 << 10];
#endif
  __asm__ volatile("" ::"r"(local) : "memory");
}
