/*
 * Quantised operators for int8 tensors, one file each in kernels/.
 *
 * Numerics: TFLite's int8 specification with gemmlowp's double rounding, bit for bit. Accumulators
 * have 32 bits; a sum may not exceed 2^31 - 1024 in magnitude. Images are NHWC; the last dimension
 * is contiguous. Input and output never overlap unless a function says that they may.
 */
#ifndef PRESILICON_KERNELS_H
#define PRESILICON_KERNELS_H

#include <stdint.h>

struct size_2d {
  int32_t height, width;
};

/* Padding that needs saying: what is below and to the right follows from the sizes. */
struct corner {
  int32_t top, left;
};

struct image {
  int32_t height, width, channels;
};

/* A real factor: multiplier / 2^31 * 2^shift, with multiplier in [2^30, 2^31), or 0 for none. */
struct rescale {
  int32_t multiplier, shift;
};

/*
 * One output channel of a layer with weights. The bias holds the input zero point already:
 * bias - zero_point * (sum of the channel's weights), over the whole kernel.
 */
struct output_channel {
  int32_t bias, multiplier, shift;
};

/* Where requantised values go: the zero point is added, then they are clamped. */
struct output_range {
  int32_t zero_point, min, max;
};

struct conv_params {
  int32_t batches;
  struct image input, output;
  struct size_2d kernel, stride, dilation;
  struct corner padding;
  int32_t groups;
  int32_t input_zero_point; /* the value of padding */
  struct output_range range;
};

/* weights [output.channels][kernel.height][kernel.width][input.channels / groups] */
void conv_s8(const struct conv_params *params, const int8_t *input, const int8_t *weights,
             const struct output_channel *channels, int8_t *output);

/*
 * weights [kernel.height][kernel.width][output.channels]; `groups` is not used: output channel c
 * belongs to input channel c / (output.channels / input.channels).
 */
void depthwise_conv_s8(const struct conv_params *params, const int8_t *input, const int8_t *weights,
                       const struct output_channel *channels, int8_t *output);

/* What depthwise_conv_s8 runs on where it can: kernel 3 x 3, a column stride of 1 or 2, dilation 1, as many outputs as inputs. */
void depthwise_conv_3x3_s8(const struct conv_params *params, const int8_t *input, const int8_t *weights,
                           const struct output_channel *channels, int8_t *output);

struct fully_connected_params {
  int32_t rows, input_size, output_size;
  struct output_range range;
};

/* input [rows][input_size], weights [output_size][input_size], output [rows][output_size] */
void fully_connected_s8(const struct fully_connected_params *params, const int8_t *input, const int8_t *weights,
                        const struct output_channel *channels, int8_t *output);

struct pool_params {
  int32_t batches;
  struct image input, output;
  struct size_2d window, stride;
  struct corner padding; /* never part of the result */
  int32_t min, max;
};

void average_pool_s8(const struct pool_params *params, const int8_t *input, int8_t *output);
void max_pool_s8(const struct pool_params *params, const int8_t *input, int8_t *output);

#define BROADCAST_DIMENSIONS 6

/*
 * How two operands meet: `shape` of the result, and how far each operand moves (in elements) per
 * step of a dimension, 0 where it is repeated. Leading dimensions that are not needed are 1; the
 * last one should be as long as merging of dimensions allows, because it is the inner loop.
 */
struct broadcast {
  int32_t shape[BROADCAST_DIMENSIONS];
  int32_t a_strides[BROADCAST_DIMENSIONS], b_strides[BROADCAST_DIMENSIONS];
};

/*
 * (a - a_zero_point) * 2^left_shift is rescaled by `a_scale`, the same for b; their sum (or
 * difference) is rescaled by `output_scale`. All shifts are zero or negative.
 */
struct add_params {
  struct broadcast broadcast;
  int32_t a_zero_point, b_zero_point, left_shift;
  struct rescale a_scale, b_scale, output_scale;
  struct output_range range;
};

void add_s8(const struct add_params *params, const int8_t *a, const int8_t *b, int8_t *output);
void sub_s8(const struct add_params *params, const int8_t *a, const int8_t *b, int8_t *output);

struct mul_params {
  struct broadcast broadcast;
  int32_t a_zero_point, b_zero_point;
  struct rescale output_scale;
  struct output_range range;
};

void mul_s8(const struct mul_params *params, const int8_t *a, const int8_t *b, int8_t *output);

/* All three tensors have the same quantisation. */
void maximum_s8(const struct broadcast *broadcast, const int8_t *a, const int8_t *b, int8_t *output);
void minimum_s8(const struct broadcast *broadcast, const int8_t *a, const int8_t *b, int8_t *output);

/*
 * input [outer][reduced][middle][also_reduced][inner], output [outer][middle][inner]: with lengths
 * of 1 where needed, every set of axes of a tensor of up to four dimensions has this form.
 * `scale` includes the division by the number of elements.
 */
struct mean_params {
  int32_t outer, reduced, middle, also_reduced, inner;
  int32_t input_zero_point;
  struct rescale scale;
  struct output_range range;
};

void mean_s8(const struct mean_params *params, const int8_t *input, int8_t *output);

/*
 * Over the last dimension. `scale` takes a difference of inputs to Q5.26 (its shift is not
 * negative); differences below `diff_min` count as zero. The output has scale 1/256, zero point -128.
 */
struct softmax_params {
  int32_t rows, size;
  struct rescale scale;
  int32_t diff_min;
};

void softmax_s8(const struct softmax_params *params, const int8_t *input, int8_t *output);

/*
 * output[i] = table[128 + input[i]]: everything that takes one int8 to one int8, activations and
 * changes of quantisation. May work in place.
 */
void lookup_s8(const int8_t table[256], const int8_t *input, int8_t *output, int32_t size);

#define COPY_DIMENSIONS 6

/* Elements of a box of `shape`; strides and offsets are in elements. Leading dimensions that are not needed are 1. */
struct strided_copy_params {
  int32_t shape[COPY_DIMENSIONS];
  int32_t input_strides[COPY_DIMENSIONS], output_strides[COPY_DIMENSIONS];
  int32_t input_offset, output_offset;
};

/*
 * Copies a box of bytes from one layout to another: transpose and strided slice are such copies.
 * Wider elements are one more dimension.
 */
void strided_copy_s8(const struct strided_copy_params *params, const int8_t *input, int8_t *output);

/* Fills the output with `value`, then copies the input to its place in it. */
struct pad_params {
  struct strided_copy_params copy;
  int32_t output_size;
  int8_t value;
};

void pad_s8(const struct pad_params *params, const int8_t *input, int8_t *output);

/* A whole of [outer][sum of sizes] elements and its `count` parts, part i of [outer][sizes[i]]. */
struct parts_params {
  int32_t outer, count;
  const int32_t *sizes;
};

void concatenation_s8(const struct parts_params *params, const int8_t *const *inputs, int8_t *output);
void split_s8(const struct parts_params *params, const int8_t *input, int8_t *const *outputs);

#endif
