#include "presilicon/model.h"

void *model_input(uint32_t index)
{
  return index < model_description.input_count ? model_description.inputs[index].data : 0;
}

const void *model_output(uint32_t index)
{
  return index < model_description.output_count ? model_description.outputs[index].data : 0;
}
