/* A benchmark workload: `rounds` repetitions of a fixed job, and a checksum over all results. */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include <stddef.h>
#include <stdint.h>

uint32_t workload(uint32_t rounds);

/* xorshift32: the same data everywhere. */
static inline uint32_t next_random(uint32_t *state)
{
  uint32_t x = *state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *state = x;
}

static inline uint32_t mix(uint32_t hash, uint32_t value)
{
  hash ^= value;
  return ((hash << 5) | (hash >> 27)) + 0x9e3779b9u;
}

#endif
