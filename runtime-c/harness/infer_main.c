/*
 * The program that `sim infer` runs: the host has written the input where model_description says
 * before the start (so the arena is not in .bss, which crt0 clears), and reads outputs and
 * model_profile after the exit. Nothing but the model runs in region 1.
 */
#include "presilicon/model.h"
#include "presilicon/region.h"

int main(void)
{
  region_begin(1);
  const int error = model_invoke();
  region_end(1);
  return error;
}
