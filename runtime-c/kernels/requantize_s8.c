#include "requantize.h"

void requantize_s8(const struct requantize_params *params, const int8_t *input, int8_t *output)
{
  const struct requantize_params p = *params;
  for (const int8_t *const end = input + p.size; input != end; input++)
    *output++ = clamp(rescale(*input - p.input_zero_point, p.scale) + p.range.zero_point, &p.range);
}
