#include "pool.h"

ALWAYS_INLINE void window_maximum(const struct pool_params *params, const struct window *window, const int8_t *input,
                                  int8_t *output, int32_t lanes)
{
  const int32_t channels = params->input.channels;
  int32_t best[LANES];
  UNROLLED for (int32_t i = 0; i < lanes; i++) best[i] = params->min;
  for (int32_t y = window->top; y < window->bottom; y++) {
    const int8_t *x = input + (y * params->input.width + window->left) * channels;
    for (int32_t n = window->right - window->left; n > 0; n--, x += channels) {
      UNROLLED for (int32_t i = 0; i < lanes; i++) best[i] = x[i] > best[i] ? x[i] : best[i];
    }
  }
  UNROLLED for (int32_t i = 0; i < lanes; i++) output[i] = (int8_t)(best[i] > params->max ? params->max : best[i]);
}

void max_pool_s8(const struct pool_params *params, const int8_t *input, int8_t *output)
{
  pool(params, input, output, window_maximum);
}
