/* The same, all over memory: nothing that was written is ever overwritten until a mebibyte is full. */
#include "code.h"

enum { LENGTH = 120, CALLS = 400, FUNCTIONS = 2048 };

uint32_t workload(uint32_t rounds)
{
  static uint32_t memory[FUNCTIONS][LENGTH + 8];
  uint32_t random = 1, hash = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    function *f = write_function(memory[round % FUNCTIONS], LENGTH, &random);
    for (uint32_t i = 0; i < CALLS; i++) hash = f(hash);
  }
  return hash;
}
