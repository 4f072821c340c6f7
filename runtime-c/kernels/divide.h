/* Division by the number of elements of a window: many dividends, few divisors. */
#ifndef PRESILICON_KERNELS_DIVIDE_H
#define PRESILICON_KERNELS_DIVIDE_H

#include <stdint.h>

/* 2^32 / divisor, rounded up; 0 stands for dividing with the instruction. */
struct divisor {
  int32_t value;
  uint32_t reciprocal;
};

/*
 * The reciprocal is off by less than divisor / 2^32, so quotients are exact while
 * dividend * divisor < 2^32; sums of `divisor` int8 values, half the divisor added, stay below
 * 129 * divisor, which bounds the divisor by 5770.
 */
static inline struct divisor divisor_of(int32_t value)
{
  return (struct divisor){value, value > 1 && value <= 5770 ? 0xffffffffu / (uint32_t)value + 1u : 0u};
}

/* sum / divisor, halves away from zero. */
static inline int32_t rounded_quotient(int32_t sum, struct divisor divisor)
{
  const uint32_t magnitude = (uint32_t)(sum < 0 ? -sum : sum) + (uint32_t)divisor.value / 2;
  const uint32_t quotient = divisor.reciprocal != 0 ? (uint32_t)(((uint64_t)magnitude * divisor.reciprocal) >> 32)
                                                    : magnitude / (uint32_t)divisor.value;
  return sum < 0 ? -(int32_t)quotient : (int32_t)quotient;
}

#endif
