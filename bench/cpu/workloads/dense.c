/* int8 matrix times vector, 256 x 256, with requantisation by a 64-bit product. */
#include "workload.h"

enum { SIZE = 256 };

static int8_t matrix[SIZE][SIZE], vector[SIZE];
static int32_t bias[SIZE];

uint32_t workload(uint32_t rounds)
{
  uint32_t state = 2, hash = 0;
  for (size_t i = 0; i < sizeof matrix; i++) ((int8_t *)matrix)[i] = (int8_t)next_random(&state);
  for (int i = 0; i < SIZE; i++) {
    vector[i] = (int8_t)next_random(&state);
    bias[i] = (int32_t)next_random(&state) >> 18;
  }
  for (uint32_t round = 0; round < rounds; round++) {
    int8_t next[SIZE];
    for (int row = 0; row < SIZE; row++) {
      int32_t sum = bias[row];
      for (int i = 0; i < SIZE; i++) sum += matrix[row][i] * vector[i];
      next[row] = (int8_t)(((int64_t)sum * 1518500250 + (1ll << 39)) >> 40);
    }
    for (int i = 0; i < SIZE; i++) vector[i] = (int8_t)(next[i] + (int8_t)round);
    hash = mix(hash, (uint8_t)vector[round % SIZE]);
  }
  return hash;
}
