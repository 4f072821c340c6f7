/*
 * When each layer ran. The generated code defines `model_profile`, one entry per layer. Layers on
 * the CPU stand between profile_begin and profile_end; for layers on an accelerator its fences write
 * their timestamps straight into the entry. The host reads the array by its symbol.
 */
#ifndef PRESILICON_PROFILE_H
#define PRESILICON_PROFILE_H

#include "presilicon/csr.h"

/* Clock cycles, on the time base of mcycle. */
struct layer_time {
  uint64_t start, end;
};

extern struct layer_time model_profile[];

static inline void profile_begin(uint32_t layer)
{
  model_profile[layer].start = cycles_now_64();
}

static inline void profile_end(uint32_t layer)
{
  model_profile[layer].end = cycles_now_64();
}

#endif
