/* Endless new code: every function that is written runs just long enough to become hot, then the next one replaces it. */
#include "code.h"

enum { LENGTH = 120, CALLS = 400 };

uint32_t workload(uint32_t rounds)
{
  static uint32_t memory[LENGTH + 1];
  uint32_t random = 1, hash = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    function *f = write_function(memory, LENGTH, &random);
    for (uint32_t i = 0; i < CALLS; i++) hash = f(hash);
  }
  return hash;
}
