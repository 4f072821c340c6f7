#include <string.h>

#include "loops.h"
#include "presilicon/kernels.h"

static void copy_row(const int8_t *input, int32_t input_step, int8_t *output, int32_t output_step, int32_t size)
{
  if (input_step == 1 && output_step == 1) {
    memcpy(output, input, (size_t)size);
    return;
  }
  for (; size > 0; size--, input += input_step, output += output_step) *output = *input;
}

void strided_copy_s8(const struct strided_copy_params *params, const int8_t *input, int8_t *output)
{
  enum { inner = COPY_DIMENSIONS - 1 };
  int32_t index[COPY_DIMENSIONS] = {0};
  input += params->input_offset;
  output += params->output_offset;
  for (int dimension = inner; dimension >= 0;) {
    copy_row(input, params->input_strides[inner], output, params->output_strides[inner], params->shape[inner]);
    for (dimension = inner - 1; dimension >= 0; dimension--) {
      input += params->input_strides[dimension];
      output += params->output_strides[dimension];
      if (++index[dimension] < params->shape[dimension]) break;
      input -= params->input_strides[dimension] * params->shape[dimension];
      output -= params->output_strides[dimension] * params->shape[dimension];
      index[dimension] = 0;
    }
  }
}
