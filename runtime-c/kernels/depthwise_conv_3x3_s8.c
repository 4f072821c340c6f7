/*
 * The depthwise convolution of nearly every mobile network. One channel at a time, its nine weights
 * in registers; a sweep along the row reads every input column once and adds it to the up to three
 * sums that it belongs to, so an output costs 3 loads (6 at stride 2) instead of 18.
 *
 * Padding costs nothing in the sweep: the weights of kernel rows outside the image are zero in it
 * and their zero_point * weights is in the bias; columns outside are added before and after.
 */
#include "loops.h"
#include "requantize.h"

/* A kernel column by column, as one sweep sees it. */
struct kernel_3x3 {
  int32_t left[3], middle[3], right[3];
  int32_t bias;
};

/* Three input rows of one channel, at the same column. */
struct column {
  const int8_t *row[3];
};

ALWAYS_INLINE int32_t column_sum(const int32_t weights[3])
{
  return weights[0] + weights[1] + weights[2];
}

ALWAYS_INLINE int32_t multiply_column(const int32_t weights[3], int32_t x0, int32_t x1, int32_t x2)
{
  return weights[0] * x0 + weights[1] * x1 + weights[2] * x2;
}

ALWAYS_INLINE int32_t multiply_next(const int32_t weights[3], struct column *column, int32_t step)
{
  const int32_t sum = multiply_column(weights, *column->row[0], *column->row[1], *column->row[2]);
  UNROLLED for (int i = 0; i < 3; i++) column->row[i] += step;
  return sum;
}

/* Outputs whose three columns all start at or after the left border and end before the right one, then the rest. */
ALWAYS_INLINE void sweep_stride_1(const struct conv_params *params, const struct kernel_3x3 *kernel, struct column column,
                           const struct output_channel *channel, int8_t *output)
{
  const struct kernel_3x3 k = *kernel;
  const struct output_channel ch = *channel;
  const struct output_range range = params->range;
  const int32_t step = params->input.channels, zero_point = params->input_zero_point;
  const int32_t inside = params->input.width - 2 + params->padding.left;
  const int32_t width = params->output.width;
  int32_t sum = k.bias, next = k.bias;
  if (params->padding.left != 0) sum += zero_point * column_sum(k.left);
  else sum += multiply_next(k.left, &column, step);
  {
    const int32_t x0 = *column.row[0], x1 = *column.row[1], x2 = *column.row[2];
    sum += multiply_column(k.middle, x0, x1, x2);
    next += multiply_column(k.left, x0, x1, x2);
    UNROLLED for (int i = 0; i < 3; i++) column.row[i] += step;
  }
  int8_t *const end = output + (inside < width ? inside : width) * step;
  for (; output != end; output += step) {
    const int32_t x0 = *column.row[0], x1 = *column.row[1], x2 = *column.row[2];
    UNROLLED for (int i = 0; i < 3; i++) column.row[i] += step;
    sum += multiply_column(k.right, x0, x1, x2);
    *output = requantize(sum, &ch, &range);
    sum = next + multiply_column(k.middle, x0, x1, x2);
    next = k.bias + multiply_column(k.left, x0, x1, x2);
  }
  if (inside < width) *output = requantize(sum + zero_point * column_sum(k.right), &ch, &range);
}

ALWAYS_INLINE void sweep_stride_2(const struct conv_params *params, const struct kernel_3x3 *kernel, struct column column,
                           const struct output_channel *channel, int8_t *output)
{
  const struct kernel_3x3 k = *kernel;
  const struct output_channel ch = *channel;
  const struct output_range range = params->range;
  const int32_t step = params->input.channels, zero_point = params->input_zero_point;
  const int32_t inside = (params->input.width - 1 + params->padding.left) >> 1;
  const int32_t width = params->output.width;
  int32_t sum = k.bias;
  if (params->padding.left != 0) sum += zero_point * column_sum(k.left);
  else sum += multiply_next(k.left, &column, step);
  int8_t *const end = output + (inside < width ? inside : width) * step;
  for (; output != end; output += step) {
    sum += multiply_next(k.middle, &column, step);
    const int32_t x0 = *column.row[0], x1 = *column.row[1], x2 = *column.row[2];
    UNROLLED for (int i = 0; i < 3; i++) column.row[i] += step;
    sum += multiply_column(k.right, x0, x1, x2);
    *output = requantize(sum, &ch, &range);
    sum = k.bias + multiply_column(k.left, x0, x1, x2);
  }
  if (inside < width) {
    sum += multiply_next(k.middle, &column, step);
    *output = requantize(sum + zero_point * column_sum(k.right), &ch, &range);
  }
}

/* The kernel of one channel for the output row whose first input row is `y`. */
static struct kernel_3x3 kernel_at(const struct conv_params *params, const int8_t *weights, int32_t bias, int32_t y)
{
  const int32_t step = params->output.channels;
  struct kernel_3x3 kernel = {.bias = bias};
  for (int i = 0; i < 3; i++, weights += 3 * step) {
    const int32_t left = weights[0], middle = weights[step], right = weights[2 * step];
    const int32_t inside = y + i >= 0 && y + i < params->input.height;
    kernel.left[i] = inside ? left : 0;
    kernel.middle[i] = inside ? middle : 0;
    kernel.right[i] = inside ? right : 0;
    kernel.bias += inside ? 0 : params->input_zero_point * (left + middle + right);
  }
  return kernel;
}

/* Rows outside the image have zero weights; they read the nearest one inside. */
ALWAYS_INLINE struct column column_at(const struct conv_params *params, const int8_t *input, int32_t y)
{
  struct column column;
  UNROLLED for (int i = 0; i < 3; i++) {
    const int32_t last = params->input.height - 1;
    const int32_t row = y + i < 0 ? 0 : y + i > last ? last : y + i;
    column.row[i] = input + row * params->input.width * params->input.channels;
  }
  return column;
}

typedef void sweep(const struct conv_params *params, const struct kernel_3x3 *kernel, struct column column,
                   const struct output_channel *channel, int8_t *output);

/* All rows of one channel. The kernel changes only where rows of it leave the image. */
ALWAYS_INLINE void depthwise_channel(const struct conv_params *params, const int8_t *input, const int8_t *weights,
                                     const struct output_channel *channel, int8_t *output, sweep *sweep_row)
{
  const int32_t output_row = params->output.width * params->output.channels;
  struct kernel_3x3 kernel;
  int whole = 0;
  for (int32_t oy = 0; oy < params->output.height; oy++, output += output_row) {
    const int32_t y = oy * params->stride.height - params->padding.top;
    const int inside = y >= 0 && y + 3 <= params->input.height;
    if (!inside || !whole) kernel = kernel_at(params, weights, channel->bias, y);
    whole = inside;
    sweep_row(params, &kernel, column_at(params, input, y), channel, output);
  }
}

static void channel_stride_1(const struct conv_params *params, const int8_t *input, const int8_t *weights,
                             const struct output_channel *channel, int8_t *output)
{
  depthwise_channel(params, input, weights, channel, output, sweep_stride_1);
}

static void channel_stride_2(const struct conv_params *params, const int8_t *input, const int8_t *weights,
                             const struct output_channel *channel, int8_t *output)
{
  depthwise_channel(params, input, weights, channel, output, sweep_stride_2);
}

void depthwise_conv_3x3_s8(const struct conv_params *params, const int8_t *input, const int8_t *weights,
                           const struct output_channel *channels, int8_t *output)
{
  for (int32_t batch = 0; batch < params->batches; batch++) {
    for (int32_t c = 0; c < params->output.channels; c++) {
      if (params->stride.width == 1) channel_stride_1(params, input + c, weights + c, &channels[c], output + c);
      else channel_stride_2(params, input + c, weights + c, &channels[c], output + c);
    }
    input += params->input.height * params->input.width * params->input.channels;
    output += params->output.height * params->output.width * params->output.channels;
  }
}
