/* What add_s8 and sub_s8 share. */
#ifndef PRESILICON_KERNELS_ADD_H
#define PRESILICON_KERNELS_ADD_H

#include "broadcast.h"
#include "requantize.h"

/* An operand on the common scale; its shift is zero or negative, so rounding_shift is all it takes. */
ALWAYS_INLINE int32_t common_scale(int32_t value, int32_t left_shift, struct rescale scale)
{
  return rounding_shift(rounding_high_multiply(shift_left(value, left_shift), scale.multiplier), -scale.shift);
}

/* `sign` is 1 for the sum, -1 for the difference. */
ALWAYS_INLINE void add_or_sub_row(const struct add_params *params, const int8_t *a, int32_t a_step, const int8_t *b,
                           int32_t b_step, int8_t *output, int32_t size, int32_t sign)
{
  const struct add_params p = *params;
  for (const int8_t *const end = output + size; output != end; a += a_step, b += b_step) {
    const int32_t x = common_scale(*a - p.a_zero_point, p.left_shift, p.a_scale);
    const int32_t y = common_scale(*b - p.b_zero_point, p.left_shift, p.b_scale);
    const int32_t sum = common_scale(x + sign * y, 0, p.output_scale);
    *output++ = clamp(sum + p.range.zero_point, &p.range);
  }
}

#endif
