/* A loop that rewrites one of its own instructions every time round, with all that it calls. */
#include "code.h"

enum { LENGTH = 40 };

uint32_t workload(uint32_t rounds)
{
  static uint32_t memory[LENGTH + 1];
  uint32_t random = 1, hash = 0;
  function *f = write_function(memory, LENGTH, &random);
  for (uint32_t round = 0; round < rounds; round++) {
    memory[round % LENGTH] = add_immediate(round);
    __asm__ volatile("fence.i" ::: "memory");
    hash = f(hash);
  }
  return hash;
}
