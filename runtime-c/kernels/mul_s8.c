#include "broadcast.h"
#include "requantize.h"

static void mul_row(const void *params, const int8_t *a, int32_t a_step, const int8_t *b, int32_t b_step,
                    int8_t *output, int32_t size)
{
  const struct mul_params p = *(const struct mul_params *)params;
  for (const int8_t *const end = output + size; output != end; a += a_step, b += b_step) {
    const int32_t product = (*a - p.a_zero_point) * (*b - p.b_zero_point);
    *output++ = clamp(rescale(product, p.output_scale) + p.range.zero_point, &p.range);
  }
}

void mul_s8(const struct mul_params *params, const int8_t *a, const int8_t *b, int8_t *output)
{
  broadcast_rows(&params->broadcast, params, a, b, output, mul_row);
}
