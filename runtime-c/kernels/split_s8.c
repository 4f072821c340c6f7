#include <string.h>

#include "presilicon/kernels.h"

void split_s8(const struct parts_params *params, const int8_t *input, int8_t *const *outputs)
{
  for (int32_t outer = 0; outer < params->outer; outer++) {
    for (int32_t i = 0; i < params->count; i++) {
      const size_t size = (size_t)params->sizes[i];
      memcpy(outputs[i] + outer * params->sizes[i], input, size);
      input += size;
    }
  }
}
