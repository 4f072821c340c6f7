/*
 * 64-bit division for links without a compiler's support library: Clang brings none for RISC-V.
 * Shift and subtract, one bit a step.
 */
#include <stdint.h>

#ifdef PRESILICON_NO_COMPILER_LIBRARY

struct quotient_64 {
  uint64_t quotient, remainder;
};

static struct quotient_64 divide(uint64_t dividend, uint64_t divisor)
{
  struct quotient_64 result = {0, 0};
  for (int bit = 63; bit >= 0; bit--) {
    result.remainder = (result.remainder << 1) | ((dividend >> bit) & 1);
    if (result.remainder >= divisor) {
      result.remainder -= divisor;
      result.quotient |= (uint64_t)1 << bit;
    }
  }
  return result;
}

static uint64_t magnitude(int64_t value)
{
  return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor);
uint64_t __umoddi3(uint64_t dividend, uint64_t divisor);
int64_t __divdi3(int64_t dividend, int64_t divisor);
int64_t __moddi3(int64_t dividend, int64_t divisor);

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor)
{
  return divide(dividend, divisor).quotient;
}

uint64_t __umoddi3(uint64_t dividend, uint64_t divisor)
{
  return divide(dividend, divisor).remainder;
}

int64_t __divdi3(int64_t dividend, int64_t divisor)
{
  const uint64_t quotient = divide(magnitude(dividend), magnitude(divisor)).quotient;
  return (int64_t)((dividend < 0) != (divisor < 0) ? 0 - quotient : quotient);
}

int64_t __moddi3(int64_t dividend, int64_t divisor)
{
  const uint64_t remainder = divide(magnitude(dividend), magnitude(divisor)).remainder;
  return (int64_t)(dividend < 0 ? 0 - remainder : remainder);
}

#endif
