#include "broadcast.h"

static void maximum_row(const void *params, const int8_t *a, int32_t a_step, const int8_t *b, int32_t b_step,
                        int8_t *output, int32_t size)
{
  (void)params;
  for (const int8_t *const end = output + size; output != end; a += a_step, b += b_step)
    *output++ = *a > *b ? *a : *b;
}

void maximum_s8(const struct broadcast *broadcast, const int8_t *a, const int8_t *b, int8_t *output)
{
  broadcast_rows(broadcast, 0, a, b, output, maximum_row);
}
