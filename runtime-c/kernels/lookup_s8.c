#include "presilicon/kernels.h"

void lookup_s8(const int8_t table[256], const int8_t *input, int8_t *output, int32_t size)
{
  const int8_t *const middle = table + 128;
  for (const int8_t *const end = input + (size & ~3); input != end; input += 4, output += 4) {
    const int8_t a = middle[input[0]], b = middle[input[1]], c = middle[input[2]], d = middle[input[3]];
    output[0] = a;
    output[1] = b;
    output[2] = c;
    output[3] = d;
  }
  for (int32_t i = 0; i < (size & 3); i++) output[i] = middle[input[i]];
}
