#include "divide.h"
#include "pool.h"

ALWAYS_INLINE void window_average(const struct pool_params *params, const struct window *window, const int8_t *input,
                                  int8_t *output, int32_t lanes)
{
  const int32_t channels = params->input.channels, width = window->right - window->left;
  const struct divisor count = divisor_of((window->bottom - window->top) * width);
  int32_t sums[LANES];
  UNROLLED for (int32_t i = 0; i < lanes; i++) sums[i] = 0;
  for (int32_t y = window->top; y < window->bottom; y++) {
    const int8_t *x = input + (y * params->input.width + window->left) * channels;
    for (int32_t n = width; n > 0; n--, x += channels) {
      UNROLLED for (int32_t i = 0; i < lanes; i++) sums[i] += x[i];
    }
  }
  UNROLLED for (int32_t i = 0; i < lanes; i++) {
    const int32_t average = rounded_quotient(sums[i], count);
    const int32_t raised = average < params->min ? params->min : average;
    output[i] = (int8_t)(raised > params->max ? params->max : raised);
  }
}

void average_pool_s8(const struct pool_params *params, const int8_t *input, int8_t *output)
{
  pool(params, input, output, window_average);
}
