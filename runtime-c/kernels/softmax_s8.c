/*
 * exp(x - max) / sum(exp) in gemmlowp's fixed point: Qm.n has m integer and n fraction bits. In every
 * product of Q0.31 numbers one factor is known not to be negative; it comes second.
 */
#include "requantize.h"

#define SUM_INTEGER_BITS 12

/* Exponentials that one row keeps between its two passes; those of longer rows are computed twice. */
#define KEPT 64

/* x * 2^exponent, saturating. */
static int32_t saturating_shift_left(int32_t x, int exponent)
{
  const int32_t limit = (1 << (31 - exponent)) - 1;
  if (x > limit) return INT32_MAX;
  if (x < -limit) return INT32_MIN;
  return shift_left(x, exponent);
}

/* exp(x) for x in [-1/4, 0), Q0.31 to Q0.31: a Taylor series around -1/8. */
static int32_t exp_of_quarter(int32_t x)
{
  const int32_t exp_of_minus_eighth = 1895147668, third = 715827883;
  const int32_t y = x + (1 << 28);
  const int32_t magnitude = y < 0 ? -y : y;
  const int32_t y2 = rounding_high_multiply(magnitude, magnitude);
  const int32_t y3 = rounding_high_multiply(y, y2);
  const int32_t y4 = rounding_high_multiply(y2, y2);
  const int32_t cubic = rounding_high_multiply(rounding_shift(y4, 2) + y3, third);
  const int32_t terms = y + rounding_shift(cubic + y2, 1);
  return exp_of_minus_eighth + rounding_high_multiply(terms, exp_of_minus_eighth);
}

/* exp(x) for x <= 0 in Q5.26, as Q0.31: the series for the last quarter, a factor for every other bit. */
static int32_t exp_of_negative(int32_t x)
{
  /* exp of -1/4, -1/2, -1, -2, -4, -8, -16 */
  static const int32_t factors[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  const int32_t quarter = 1 << 24;
  const int32_t last = (x & (quarter - 1)) - quarter;
  const uint32_t remainder = (uint32_t)(last - x) >> 24;
  int32_t result = exp_of_quarter(shift_left(last, 5));
  if (x == 0) return INT32_MAX;
  for (uint32_t bit = 0; bit < 7; bit++)
    if (remainder >> bit & 1) result = rounding_high_multiply(result, factors[bit]);
  return result;
}

/* 1 / (1 + x) for x in [0, 1), Q0.31: three Newton-Raphson steps. */
static int32_t reciprocal_of_one_plus(int32_t x)
{
  const int32_t one = 1 << 29, start = 1515870810, slope = -1010580540; /* Q2.29: 1, 48/17, -32/17 */
  const int32_t half_denominator = (int32_t)(((uint32_t)x + 0x80000000u) >> 1);
  int32_t estimate = start + rounding_high_multiply(slope, half_denominator);
  for (int step = 0; step < 3; step++) {
    const int32_t error = one - rounding_high_multiply(estimate, half_denominator);
    estimate += saturating_shift_left(rounding_high_multiply(error, estimate), 2);
  }
  return saturating_shift_left(estimate, 1);
}

static int32_t leading_zeros(uint32_t x)
{
  int32_t count = 0;
  for (; (x & 0x80000000u) == 0; x <<= 1) count++;
  return count;
}

static int32_t maximum_of(const int8_t *x, int32_t size)
{
  int32_t maximum = INT8_MIN;
  for (int32_t i = 0; i < size; i++) maximum = x[i] > maximum ? x[i] : maximum;
  return maximum;
}

/* The exponential of one input relative to the row's maximum, Q0.31. */
static int32_t exp_of_difference(int32_t difference, const struct softmax_params *params)
{
  if (difference < params->diff_min) return 0;
  const int32_t shifted = shift_left(difference, params->scale.shift);
  return exp_of_negative(rounding_high_multiply(shifted, params->scale.multiplier));
}

static void softmax_row(const struct softmax_params *params, const int8_t *input, int8_t *output)
{
  const int32_t maximum = maximum_of(input, params->size);
  int32_t kept[KEPT];
  int32_t sum = 0; /* Q12.19 */
  for (int32_t i = 0; i < params->size; i++) {
    const int32_t value = exp_of_difference(input[i] - maximum, params);
    if (i < KEPT) kept[i] = value;
    sum += rounding_shift(value, SUM_INTEGER_BITS);
  }
  const int32_t headroom = leading_zeros((uint32_t)sum);
  const int32_t reciprocal = reciprocal_of_one_plus((int32_t)(((uint32_t)sum << headroom) - 0x80000000u));
  const int32_t exponent = SUM_INTEGER_BITS - headroom + 31 - 8;
  for (int32_t i = 0; i < params->size; i++) {
    const int32_t value = i < KEPT ? kept[i] : exp_of_difference(input[i] - maximum, params);
    const int32_t quotient = rounding_shift(rounding_high_multiply(reciprocal, value), exponent);
    output[i] = (int8_t)((quotient > 255 ? 255 : quotient) - 128);
  }
}

void softmax_s8(const struct softmax_params *params, const int8_t *input, int8_t *output)
{
  for (int32_t row = 0; row < params->rows; row++)
    softmax_row(params, input + row * params->size, output + row * params->size);
}
