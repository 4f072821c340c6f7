/* Code that is written while the program runs: functions of additions of an immediate to a0. */
#ifndef CODE_H
#define CODE_H

#include "workload.h"

#define RETURN 0x00008067u

typedef uint32_t function(uint32_t value);

static inline uint32_t add_immediate(uint32_t value)
{
  return (value << 20) | 0x00050513u;
}

/* Writes a function of `length` instructions and its return. */
static inline function *write_function(uint32_t *at, uint32_t length, uint32_t *random)
{
  for (uint32_t i = 0; i < length; i++) at[i] = add_immediate(next_random(random));
  at[length] = RETURN;
  __asm__ volatile("fence.i" ::: "memory");
  return (function *)(uintptr_t)at;
}

#endif
