/* int8 3x3 convolution, 16 x 16 x 8 in, 16 channels out, HWC. */
#include "workload.h"

enum { SIZE = 16, IN = 8, OUT = 16 };

static int8_t image[SIZE + 2][SIZE + 2][IN];
static int8_t weights[OUT][3][3][IN];
static int8_t result[SIZE][SIZE][OUT];

static void convolve(void)
{
  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++)
      for (int o = 0; o < OUT; o++) {
        int32_t sum = 0;
        for (int ky = 0; ky < 3; ky++)
          for (int kx = 0; kx < 3; kx++)
            for (int c = 0; c < IN; c++) sum += image[y + ky][x + kx][c] * weights[o][ky][kx][c];
        sum >>= 6;
        result[y][x][o] = (int8_t)(sum > 127 ? 127 : sum < -128 ? -128 : sum);
      }
}

uint32_t workload(uint32_t rounds)
{
  uint32_t state = 1, hash = 0;
  for (size_t i = 0; i < sizeof weights; i++) ((int8_t *)weights)[i] = (int8_t)next_random(&state);
  for (uint32_t round = 0; round < rounds; round++) {
    for (size_t i = 0; i < sizeof image; i++) ((int8_t *)image)[i] = (int8_t)next_random(&state);
    convolve();
    for (size_t i = 0; i < sizeof result; i += 37) hash = mix(hash, (uint8_t)((int8_t *)result)[i]);
  }
  return hash;
}
