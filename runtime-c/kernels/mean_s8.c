#include "loops.h"
#include "requantize.h"

/* Sums over both reduced dimensions, one output element at a time. */
void mean_s8(const struct mean_params *params, const int8_t *input, int8_t *output)
{
  const struct mean_params p = *params;
  const int32_t reduced_step = p.middle * p.also_reduced * p.inner;
  const int32_t zero = p.input_zero_point * p.reduced * p.also_reduced;
  for (int32_t outer = 0; outer < p.outer; outer++, input += p.reduced * reduced_step) {
    for (int32_t middle = 0; middle < p.middle; middle++) {
      for (int32_t inner = 0; inner < p.inner; inner++) {
        const int8_t *const first = input + middle * p.also_reduced * p.inner + inner;
        int32_t sum = -zero;
        for (int32_t r = 0; r < p.reduced; r++) {
          const int8_t *x = first + r * reduced_step;
          for (int32_t n = p.also_reduced; n > 0; n--, x += p.inner) sum += *x;
        }
        *output++ = clamp(rescale(sum, p.scale) + p.range.zero_point, &p.range);
      }
    }
  }
}
