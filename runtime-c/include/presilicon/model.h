/*
 * A compiled model: three functions. The compiler generates `model_description` and model_invoke.
 *
 *   memcpy(model_input(0), pixels, model_description.inputs[0].bytes);
 *   if (model_invoke() == 0) use(model_output(0));
 */
#ifndef PRESILICON_MODEL_H
#define PRESILICON_MODEL_H

#include <stdint.h>

/* One input or output. real = scale * (integer - zero_point). */
struct model_tensor {
  void *data; /* in the arena; the same address for every run */
  uint32_t bytes;
  const char *name;
  const int32_t *shape;
  uint32_t rank;
  float scale;
  int32_t zero_point;
};

struct model_description {
  const char *name;
  const struct model_tensor *inputs, *outputs;
  uint32_t input_count, output_count;
  uint32_t layer_count;
  uint32_t arena_bytes;
};

extern const struct model_description model_description;

/* Where the caller puts input `index` before each run; null when there is no such input. */
void *model_input(uint32_t index);

/* Runs the model once. 0, or the error code of the accelerator that stopped. Inputs may be overwritten. */
int model_invoke(void);

/* Where output `index` of the last run lies until the next one; null when there is no such output. */
const void *model_output(uint32_t index);

#endif
