/* A counter in the midst of the code that counts: every store looks like one to code. */
#include "code.h"

uint32_t workload(uint32_t rounds)
{
  static uint32_t memory[16] __attribute__((aligned(64)));
  uint32_t random = 1, hash = 0;
  function *f = write_function(memory, 8, &random);
  volatile uint32_t *counter = &memory[15];
  for (uint32_t round = 0; round < rounds; round++) {
    *counter = *counter + 1;
    hash = f(hash) ^ *counter;
  }
  return hash;
}
