/*
 * Depthwise convolution for every shape: channels in blocks of four, so that the loop over taps
 * costs a quarter per product. Taps on padding add zero_point * weight (see conv_s8.c).
 */
#include "loops.h"
#include "requantize.h"
#include "window.h"

/* Adds the taps of a block of channels that fall on padding. */
ALWAYS_INLINE void add_padding(int32_t *sums, const struct conv_params *params, const struct window *taps,
                               const int8_t *weights, int32_t lanes)
{
  for (int32_t ky = 0; ky < params->kernel.height; ky++) {
    for (int32_t kx = 0; kx < params->kernel.width; kx++, weights += params->output.channels) {
      if (ky >= taps->top && ky < taps->bottom && kx >= taps->left && kx < taps->right) continue;
      UNROLLED for (int32_t i = 0; i < lanes; i++) sums[i] += params->input_zero_point * weights[i];
    }
  }
}

/* A block of `lanes` output channels; `spread` is 0 where they share one input channel, else 1. */
ALWAYS_INLINE void depthwise_block(const struct conv_params *params, const struct window *taps, const int8_t *input,
                                   int32_t origin, const int8_t *weights, const struct output_channel *channels,
                                   int8_t *output, int32_t lanes, int32_t spread)
{
  const int32_t kernel_width = params->kernel.width, outputs = params->output.channels;
  const int32_t tap_step = params->dilation.width * params->input.channels;
  const int32_t row_step = params->dilation.height * params->input.width * params->input.channels;
  const int32_t columns = taps->right - taps->left;
  int32_t sums[LANES];
  UNROLLED for (int32_t i = 0; i < lanes; i++) sums[i] = channels[i].bias;
  if (taps->bottom - taps->top < params->kernel.height || columns < kernel_width)
    add_padding(sums, params, taps, weights, lanes);
  for (int32_t ky = taps->top; ky < taps->bottom; ky++) {
    const int8_t *x = input + (origin + ky * row_step + taps->left * tap_step);
    const int8_t *w = weights + (ky * kernel_width + taps->left) * outputs;
    for (int32_t n = columns; n > 0; n--, x += tap_step, w += outputs) {
      UNROLLED for (int32_t i = 0; i < lanes; i++) sums[i] += x[i * spread] * w[i];
    }
  }
  UNROLLED for (int32_t i = 0; i < lanes; i++) output[i] = requantize(sums[i], &channels[i], &params->range);
}

/* `count` neighbouring output channels; the last block of four overlaps the one before where it must. */
ALWAYS_INLINE void depthwise_channels(const struct conv_params *params, const struct window *taps, const int8_t *input,
                                      int32_t origin, const int8_t *weights, const struct output_channel *channels,
                                      int8_t *output, int32_t count, int32_t spread)
{
  if (count < LANES) {
    for (int32_t c = 0; c < count; c++)
      depthwise_block(params, taps, input, origin + c * spread, weights + c, channels + c, output + c, 1, spread);
    return;
  }
  for (int32_t next = 0; next < count; next += LANES) {
    const int32_t c = next + LANES <= count ? next : count - LANES;
    depthwise_block(params, taps, input, origin + c * spread, weights + c, channels + c, output + c, LANES,
                    spread);
  }
}

static void depthwise_pixel(const struct conv_params *params, const struct window *taps, const int8_t *input,
                            int32_t origin, const int8_t *weights, const struct output_channel *channels,
                            int8_t *output)
{
  const int32_t inputs = params->input.channels, outputs = params->output.channels;
  if (inputs == outputs) {
    depthwise_channels(params, taps, input, origin, weights, channels, output, outputs, 1);
    return;
  }
  const int32_t multiplier = outputs / inputs;
  for (int32_t c = 0; c < inputs; c++) {
    const int32_t first = c * multiplier;
    depthwise_channels(params, taps, input, origin + c, weights + first, channels + first, output + first, multiplier, 0);
  }
}

static int suits_3x3(const struct conv_params *p)
{
  const int32_t overhang = (p->output.width - 1) * p->stride.width - p->padding.left + 3 - p->input.width;
  return p->kernel.height == 3 && p->kernel.width == 3 && p->dilation.height == 1 && p->dilation.width == 1 &&
         (p->stride.width == 1 || p->stride.width == 2) && p->input.channels == p->output.channels &&
         p->input.width >= 2 && p->padding.left <= 1 && overhang <= 1;
}

void depthwise_conv_s8(const struct conv_params *params, const int8_t *input, const int8_t *weights,
                       const struct output_channel *channels, int8_t *output)
{
  if (suits_3x3(params)) {
    depthwise_conv_3x3_s8(params, input, weights, channels, output);
    return;
  }
  struct window taps;
  for (int32_t batch = 0; batch < params->batches; batch++) {
    for (int32_t y = 0; y < params->output.height; y++) {
      const int32_t y_origin = y * params->stride.height - params->padding.top;
      clip_window(y_origin, params->input.height, params->kernel.height, params->dilation.height, &taps.top,
                  &taps.bottom);
      for (int32_t x = 0; x < params->output.width; x++) {
        const int32_t x_origin = x * params->stride.width - params->padding.left;
        const int32_t origin = (y_origin * params->input.width + x_origin) * params->input.channels;
        clip_window(x_origin, params->input.width, params->kernel.width, params->dilation.width, &taps.left,
                    &taps.right);
        depthwise_pixel(params, &taps, input, origin, weights, channels, output);
        output += params->output.channels;
      }
    }
    input += params->input.height * params->input.width * params->input.channels;
  }
}
