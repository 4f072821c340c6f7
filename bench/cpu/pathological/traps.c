/* Environment calls and illegal instructions in a loop, with a handler that skips them. */
#include "presilicon/trap.h"
#include "workload.h"

static uint32_t handled;

static uint32_t skip(const struct exception *exception)
{
  handled += exception->cause;
  return exception->pc + 4;
}

uint32_t workload(uint32_t rounds)
{
  exception_attach(skip);
  for (uint32_t round = 0; round < rounds; round++) {
    __asm__ volatile("ecall" ::: "memory");
    __asm__ volatile(".word 0xffffffff" ::: "memory");
  }
  return handled;
}
