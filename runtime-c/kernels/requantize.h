/* Fixed-point rescaling as gemmlowp defines it, in the fewest RV32IM instructions. */
#ifndef PRESILICON_KERNELS_REQUANTIZE_H
#define PRESILICON_KERNELS_REQUANTIZE_H

#include "presilicon/kernels.h"

/*
 * SaturatingRoundingDoublingHighMul for a multiplier that is not negative: x * multiplier / 2^31,
 * halves rounded up. With the multiplier doubled the quotient is the high word of one product
 * (mulhsu) and the rounding bit the top of its low word.
 */
static inline int32_t rounding_high_multiply(int32_t x, int32_t multiplier)
{
  const int64_t product = (int64_t)x * ((uint32_t)multiplier << 1);
  return (int32_t)(product >> 32) + (int32_t)((uint32_t)product >> 31);
}

/* RoundingDivideByPOT: x / 2^exponent, halves away from zero; exponent 0 to 31. */
static inline int32_t rounding_shift(int32_t x, int32_t exponent)
{
  const int32_t mask = (int32_t)((1u << exponent) - 1u);
  const int32_t threshold = (mask >> 1) + (int32_t)((uint32_t)x >> 31);
  return (x >> exponent) + ((x & mask) > threshold);
}

/* Multiplies by two to the `exponent`; wraps. */
static inline int32_t shift_left(int32_t x, int32_t exponent)
{
  return (int32_t)((uint32_t)x << exponent);
}

/* MultiplyByQuantizedMultiplier for any shift, without branches when `scale` is loop invariant. */
static inline int32_t rescale(int32_t x, struct rescale scale)
{
  const int32_t left = scale.shift > 0 ? scale.shift : 0;
  const int32_t right = scale.shift > 0 ? 0 : -scale.shift;
  return rounding_shift(rounding_high_multiply(shift_left(x, left), scale.multiplier), right);
}

static inline int8_t clamp(int32_t value, const struct output_range *range)
{
  value = value < range->min ? range->min : value;
  return (int8_t)(value > range->max ? range->max : value);
}

/*
 * An accumulator to an int8 output. Nearly every channel scales down (shift < 0); then
 * RoundingDivideByPOT by s = -shift is ((x - (x < 0)) >> (s - 1)) + 1) >> 1, s - 1 is ~shift, and
 * the zero point goes in before the last shift.
 */
static inline int8_t requantize(int32_t sum, const struct output_channel *channel, const struct output_range *range)
{
  if (__builtin_expect(channel->shift >= 0, 0)) {
    const struct rescale scale = {channel->multiplier, channel->shift};
    return clamp(rescale(sum, scale) + range->zero_point, range);
  }
  const int32_t scaled = rounding_high_multiply(sum, channel->multiplier);
  const int32_t doubled = (scaled + (scaled >> 31)) >> (~channel->shift & 31);
  return clamp((doubled + 2 * range->zero_point + 1) >> 1, range);
}

#endif
