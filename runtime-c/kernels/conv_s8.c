/*
 * Convolution without a copy of the input (no im2col): where pixels are dense, a kernel row is one
 * contiguous run of kernel.width * channels input bytes and as many weights. Taps that fall on
 * padding read the input zero point; because the bias holds -zero_point * sum(weights), they are
 * added as zero_point * (sum of their weights), and pixels away from the border pay nothing.
 */
#include "dot.h"
#include "window.h"

/* What the loops over pixels share. */
struct conv {
  const struct conv_params *params;
  const struct output_channel *channels; /* of the group */
  const int8_t *weights;                 /* of the group */
  int32_t depth;                         /* input channels of the group */
  int32_t outputs;                       /* output channels of the group */
  int32_t kernel_size;                   /* weights of one output channel */
  int32_t row_step, column_step;         /* input bytes from one tap to the next */
  int dense;                             /* the columns of a kernel row are contiguous */
  struct output_range range;
};

static struct sums add_weights(struct sums sums, struct weight_rows rows, int32_t zero_point, int32_t from, int32_t to)
{
  struct sums total = {0, 0, 0, 0};
  for (int32_t i = from; i < to; i++) multiply_add_1(&total, 1, rows, i);
  return (struct sums){
      sums.s0 + zero_point * total.s0,
      sums.s1 + zero_point * total.s1,
      sums.s2 + zero_point * total.s2,
      sums.s3 + zero_point * total.s3,
  };
}

/* Adds the taps that fall on padding. */
static struct sums add_padding(struct sums sums, const struct conv *conv, struct weight_rows rows, const struct window *taps)
{
  const struct conv_params *const params = conv->params;
  const int32_t row_size = params->kernel.width * conv->depth;
  if (params->input_zero_point == 0) return sums;
  sums = add_weights(sums, rows, params->input_zero_point, 0, taps->top * row_size);
  for (int32_t ky = taps->top; ky < taps->bottom; ky++) {
    const int32_t row = ky * row_size;
    sums = add_weights(sums, rows, params->input_zero_point, row, row + taps->left * conv->depth);
    sums = add_weights(sums, rows, params->input_zero_point, row + taps->right * conv->depth, row + row_size);
  }
  return add_weights(sums, rows, params->input_zero_point, taps->bottom * row_size, conv->kernel_size);
}

/*
 * One output pixel, or a pair whose inputs lie `second` bytes apart (0: no second pixel). The
 * kernel starts `origin` bytes into the image, which may be before its first byte.
 */
ALWAYS_INLINE void convolve(const struct conv *conv, const struct window *taps, const int8_t *input, int32_t origin,
                            int32_t second, int8_t *output)
{
  const struct conv_params *const params = conv->params;
  const int32_t kernel_width = params->kernel.width;
  const int32_t columns = conv->dense ? taps->right - taps->left : 1;
  const int clipped = taps->top > 0 || taps->left > 0 || taps->bottom < params->kernel.height || taps->right < kernel_width;
  for (int32_t c = 0; c < conv->outputs; c += LANES) {
    const int32_t count = conv->outputs - c < LANES ? conv->outputs - c : LANES;
    const struct weight_rows rows = weight_rows_at(conv->weights + c * conv->kernel_size, conv->kernel_size, count);
    struct sums a = initial_sums(conv->channels + c, count);
    if (clipped) a = add_padding(a, conv, rows, taps);
    struct sums b = a;
    for (int32_t ky = taps->top; ky < taps->bottom; ky++) {
      for (int32_t kx = taps->left; kx < taps->right; kx += columns) {
        const int8_t *const x = input + (origin + ky * conv->row_step + kx * conv->column_step);
        const struct weight_rows run = advance(rows, (ky * kernel_width + kx) * conv->depth);
        if (second != 0) dot_2x4(&a, &b, x, x + second, run, columns * conv->depth);
        else dot_1x4(&a, x, run, columns * conv->depth);
      }
    }
    store_block(a, conv->channels + c, &conv->range, output + c, count);
    if (second != 0) store_block(b, conv->channels + c, &conv->range, output + params->output.channels + c, count);
  }
}

static __attribute__((noinline)) void convolve_pair(const struct conv *conv, const struct window *taps,
                                                    const int8_t *input, int32_t origin, int8_t *output)
{
  convolve(conv, taps, input, origin, conv->params->stride.width * conv->params->input.channels, output);
}

static __attribute__((noinline)) void convolve_one(const struct conv *conv, const struct window *taps,
                                                   const int8_t *input, int32_t origin, int8_t *output)
{
  convolve(conv, taps, input, origin, 0, output);
}

/* One output row of one group. */
static void convolve_row(const struct conv *conv, int32_t y_origin, const int8_t *input, int8_t *output)
{
  const struct conv_params *const params = conv->params;
  const int32_t width = params->output.width, kernel_width = params->kernel.width;
  struct window taps;
  clip_window(y_origin, params->input.height, params->kernel.height, params->dilation.height, &taps.top, &taps.bottom);
  for (int32_t x = 0; x < width;) {
    const int32_t x_origin = x * params->stride.width - params->padding.left;
    const int32_t next_reach = x_origin + params->stride.width + (kernel_width - 1) * params->dilation.width;
    const int32_t origin = (y_origin * params->input.width + x_origin) * params->input.channels;
    int8_t *const to = output + x * params->output.channels;
    if (x + 1 < width && x_origin >= 0 && next_reach < params->input.width) {
      taps.left = 0;
      taps.right = kernel_width;
      convolve_pair(conv, &taps, input, origin, to);
      x += 2;
    } else {
      clip_window(x_origin, params->input.width, kernel_width, params->dilation.width, &taps.left, &taps.right);
      convolve_one(conv, &taps, input, origin, to);
      x += 1;
    }
  }
}

/* A 1 x 1 convolution is a matrix product over all pixels. */
static int is_pointwise(const struct conv_params *p)
{
  return p->kernel.height == 1 && p->kernel.width == 1 && p->stride.height == 1 && p->stride.width == 1 &&
         p->padding.top == 0 && p->padding.left == 0 && p->groups == 1 &&
         p->input.height == p->output.height && p->input.width == p->output.width;
}

void conv_s8(const struct conv_params *params, const int8_t *input, const int8_t *weights,
             const struct output_channel *channels, int8_t *output)
{
  const int32_t input_size = params->input.height * params->input.width * params->input.channels;
  const int32_t output_row = params->output.width * params->output.channels;
  if (is_pointwise(params)) {
    const int32_t pixels = params->batches * params->input.height * params->input.width;
    const struct fully_connected_params product = {pixels, params->input.channels, params->output.channels, params->range};
    fully_connected_s8(&product, input, weights, channels, output);
    return;
  }
  struct conv conv = {
      .params = params,
      .depth = params->input.channels / params->groups,
      .outputs = params->output.channels / params->groups,
      .row_step = params->dilation.height * params->input.width * params->input.channels,
      .column_step = params->dilation.width * params->input.channels,
      .dense = params->dilation.width == 1 && params->groups == 1,
      .range = params->range,
  };
  conv.kernel_size = params->kernel.height * params->kernel.width * conv.depth;
  for (int32_t group = 0; group < params->groups; group++) {
    conv.weights = weights + group * conv.outputs * conv.kernel_size;
    conv.channels = channels + group * conv.outputs;
    for (int32_t batch = 0; batch < params->batches; batch++) {
      const int8_t *const from = input + batch * input_size + group * conv.depth;
      int8_t *const to = output + batch * params->output.height * output_row + group * conv.outputs;
      for (int32_t y = 0; y < params->output.height; y++)
        convolve_row(&conv, y * params->stride.height - params->padding.top, from, to + y * output_row);
    }
  }
}
