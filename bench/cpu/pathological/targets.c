/* Calls through a table of thousands of functions in random order: every jump by register goes somewhere else. */
#include "code.h"

enum { LENGTH = 4, FUNCTIONS = 4096 };

uint32_t workload(uint32_t rounds)
{
  static uint32_t memory[FUNCTIONS][8];
  uint32_t random = 1, hash = 0;
  for (uint32_t i = 0; i < FUNCTIONS; i++) write_function(memory[i], LENGTH, &random);
  for (uint32_t round = 0; round < rounds; round++) {
    hash = ((function *)(uintptr_t)memory[next_random(&random) % FUNCTIONS])(hash);
  }
  return hash;
}
