#include "dot.h"

/* Input rows in pairs, output channels in fours: each loaded weight serves two rows. */
void fully_connected_s8(const struct fully_connected_params *params, const int8_t *input, const int8_t *weights,
                        const struct output_channel *channels, int8_t *output)
{
  const int32_t depth = params->input_size, outputs = params->output_size;
  const struct output_range range = params->range;
  for (int32_t row = 0; row < params->rows; row += 2) {
    const int pair = row + 1 < params->rows;
    const int8_t *const x = input + row * depth;
    int8_t *const out = output + row * outputs;
    for (int32_t c = 0; c < outputs; c += LANES) {
      const int32_t count = outputs - c < LANES ? outputs - c : LANES;
      const struct weight_rows rows = weight_rows_at(weights + c * depth, depth, count);
      struct sums a = initial_sums(channels + c, count), b = a;
      if (pair) {
        dot_2x4(&a, &b, x, x + depth, rows, depth);
        store_block(b, channels + c, &range, out + outputs + c, count);
      } else {
        dot_1x4(&a, x, rows, depth);
      }
      store_block(a, channels + c, &range, out + c, count);
    }
  }
}
