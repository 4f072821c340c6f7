/* Calls: Fibonacci, Ackermann, and the eight queens. */
#include "workload.h"

static uint32_t __attribute__((noinline)) fibonacci(uint32_t n)
{
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static uint32_t __attribute__((noinline)) ackermann(uint32_t m, uint32_t n)
{
  if (m == 0) return n + 1;
  return n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

static uint32_t __attribute__((noinline)) queens(uint32_t columns, uint32_t left, uint32_t right)
{
  if (columns == 0xff) return 1;
  uint32_t solutions = 0;
  for (uint32_t free = ~(columns | left | right) & 0xff; free != 0; free &= free - 1) {
    const uint32_t queen = free & (0u - free);
    solutions += queens(columns | queen, (left | queen) << 1, (right | queen) >> 1);
  }
  return solutions;
}

uint32_t workload(uint32_t rounds)
{
  uint32_t hash = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    hash = mix(hash, fibonacci(15 + (round & 1)));
    hash = mix(hash, ackermann(2, 8 + (round & 3)));
    hash = mix(hash, queens(0, 0, 0));
  }
  return hash;
}
