/* Word accesses of which three in four are misaligned: the hardware does them, translated code does not. */
#include "workload.h"

uint32_t workload(uint32_t rounds)
{
  static uint8_t bytes[1024];
  uint32_t hash = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (uint32_t i = 0; i < 1000; i++) {
      const uint8_t *from = bytes + i;
      uint32_t word;
      __asm__ volatile("lw %0, 0(%1)" : "=r"(word) : "r"(from) : "memory");
      hash = mix(hash, word + i);
    }
    bytes[round % sizeof bytes] = (uint8_t)hash;
  }
  return hash;
}
