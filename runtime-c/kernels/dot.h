/*
 * The inner loops of convolution and matrix product: sums of products of one or two input rows with
 * the weights of four output channels. On a scalar core every operand that stays in a register
 * saves a load: 2 x 4 sums need 0.75 loads per product, 1 x 4 need 1.25.
 */
#ifndef PRESILICON_KERNELS_DOT_H
#define PRESILICON_KERNELS_DOT_H

#ifndef __clang__
/* Substituting expressions into their uses makes GCC hold all operands of a step at once, and spill. */
#pragma GCC optimize("no-tree-ter")
#endif

#include "loops.h"
#include "requantize.h"

/* One sum per output channel of a block. */
struct sums {
  int32_t s0, s1, s2, s3;
};

/* The weights of a block of output channels. */
struct weight_rows {
  const int8_t *w0, *w1, *w2, *w3;
};

/* A block of 1 to 4 channels whose weights lie `stride` apart; missing channels repeat the last one. */
ALWAYS_INLINE struct weight_rows weight_rows_at(const int8_t *weights, int32_t stride, int32_t channels)
{
  const int8_t *const last = weights + (channels - 1) * stride;
  return (struct weight_rows){
      weights,
      channels > 1 ? weights + stride : last,
      channels > 2 ? weights + 2 * stride : last,
      channels > 3 ? weights + 3 * stride : last,
  };
}

ALWAYS_INLINE struct weight_rows advance(struct weight_rows rows, int32_t by)
{
  return (struct weight_rows){rows.w0 + by, rows.w1 + by, rows.w2 + by, rows.w3 + by};
}

ALWAYS_INLINE struct sums initial_sums(const struct output_channel *channels, int32_t count)
{
  return (struct sums){
      channels[0].bias,
      channels[count > 1 ? 1 : 0].bias,
      channels[count > 2 ? 2 : 0].bias,
      channels[count > 3 ? 3 : 0].bias,
  };
}

ALWAYS_INLINE void multiply_add_1(struct sums *sums, int32_t x, struct weight_rows rows, int32_t at)
{
  sums->s0 += x * rows.w0[at];
  sums->s1 += x * rows.w1[at];
  sums->s2 += x * rows.w2[at];
  sums->s3 += x * rows.w3[at];
}

ALWAYS_INLINE void multiply_add_2(struct sums *a, struct sums *b, int32_t x, int32_t y, struct weight_rows rows,
                                  int32_t at)
{
  const int32_t w0 = rows.w0[at], w1 = rows.w1[at], w2 = rows.w2[at], w3 = rows.w3[at];
  a->s0 += x * w0;
  b->s0 += y * w0;
  a->s1 += x * w1;
  b->s1 += y * w1;
  a->s2 += x * w2;
  b->s2 += y * w2;
  a->s3 += x * w3;
  b->s3 += y * w3;
}

/* Adds the products of `count` elements of x with the weights. */
ALWAYS_INLINE void dot_1x4(struct sums *sums, const int8_t *x, struct weight_rows rows, int32_t count)
{
  struct sums s = *sums;
  const int8_t *const end = x + count, *const unrolled_end = x + (count & ~3);
  while (x != unrolled_end) {
    multiply_add_1(&s, x[0], rows, 0);
    STEP_BOUNDARY;
    multiply_add_1(&s, x[1], rows, 1);
    STEP_BOUNDARY;
    multiply_add_1(&s, x[2], rows, 2);
    STEP_BOUNDARY;
    multiply_add_1(&s, x[3], rows, 3);
    x += 4;
    rows = advance(rows, 4);
  }
  while (x != end) {
    multiply_add_1(&s, *x++, rows, 0);
    rows = advance(rows, 1);
  }
  *sums = s;
}

/* The same for two input rows at once. */
ALWAYS_INLINE void dot_2x4(struct sums *a, struct sums *b, const int8_t *x, const int8_t *y, struct weight_rows rows,
                           int32_t count)
{
  struct sums s = *a, t = *b;
  const int8_t *const end = x + count, *const unrolled_end = x + (count & ~3);
  while (x != unrolled_end) {
    multiply_add_2(&s, &t, x[0], y[0], rows, 0);
    STEP_BOUNDARY;
    multiply_add_2(&s, &t, x[1], y[1], rows, 1);
    STEP_BOUNDARY;
    multiply_add_2(&s, &t, x[2], y[2], rows, 2);
    STEP_BOUNDARY;
    multiply_add_2(&s, &t, x[3], y[3], rows, 3);
    x += 4;
    y += 4;
    rows = advance(rows, 4);
  }
  while (x != end) {
    multiply_add_2(&s, &t, *x++, *y++, rows, 0);
    rows = advance(rows, 1);
  }
  *a = s;
  *b = t;
}

/* Requantises and stores the first `count` sums of a block. */
ALWAYS_INLINE void store_block(struct sums sums, const struct output_channel *channels,
                               const struct output_range *range, int8_t *output, int32_t count)
{
  output[0] = requantize(sums.s0, &channels[0], range);
  if (count > 1) output[1] = requantize(sums.s1, &channels[1], range);
  if (count > 2) output[2] = requantize(sums.s2, &channels[2], range);
  if (count > 3) output[3] = requantize(sums.s3, &channels[3], range);
}

#endif
