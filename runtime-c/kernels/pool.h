/* The walk over output pixels that both poolings share. */
#ifndef PRESILICON_KERNELS_POOL_H
#define PRESILICON_KERNELS_POOL_H

#include "loops.h"
#include "window.h"

/* Reduces the `window` of the image at `input` to the `lanes` (1 or LANES) channels at `output`. */
typedef void pool_window(const struct pool_params *params, const struct window *window, const int8_t *input,
                         int8_t *output, int32_t lanes);

/* Calls `reduce` for every pixel and block of channels, with windows in coordinates of the image. */
ALWAYS_INLINE void pool(const struct pool_params *params, const int8_t *input, int8_t *output, pool_window *reduce)
{
  const int32_t channels = params->input.channels;
  struct window window;
  for (int32_t batch = 0; batch < params->batches; batch++) {
    for (int32_t y = 0; y < params->output.height; y++) {
      window_inside(y * params->stride.height - params->padding.top, params->input.height, params->window.height,
                    &window.top, &window.bottom);
      for (int32_t x = 0; x < params->output.width; x++, output += channels) {
        int32_t c = 0;
        window_inside(x * params->stride.width - params->padding.left, params->input.width, params->window.width,
                      &window.left, &window.right);
        for (; c + LANES <= channels; c += LANES) reduce(params, &window, input + c, output + c, LANES);
        for (; c < channels; c++) reduce(params, &window, input + c, output + c, 1);
      }
    }
    input += params->input.height * params->input.width * channels;
  }
}

#endif
