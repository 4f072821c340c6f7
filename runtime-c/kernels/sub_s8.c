#include "add.h"

static void sub_row(const void *params, const int8_t *a, int32_t a_step, const int8_t *b, int32_t b_step,
                    int8_t *output, int32_t size)
{
  add_or_sub_row(params, a, a_step, b, b_step, output, size, -1);
}

void sub_s8(const struct add_params *params, const int8_t *a, const int8_t *b, int8_t *output)
{
  broadcast_rows(&params->broadcast, params, a, b, output, sub_row);
}
