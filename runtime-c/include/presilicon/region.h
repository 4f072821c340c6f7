/* Region-of-interest markers: what lies between them is measured by the simulator. One store each. */
#ifndef PRESILICON_REGION_H
#define PRESILICON_REGION_H

#include <stdint.h>

#include "soc.h"

static inline volatile uint32_t *region_markers(void)
{
  return (volatile uint32_t *)SOC_MARKERS_BASE;
}

static inline void region_begin(uint32_t id)
{
  __asm__ volatile("" ::: "memory");
  region_markers()[0] = id;
}

static inline void region_end(uint32_t id)
{
  region_markers()[1] = id;
  __asm__ volatile("" ::: "memory");
}

/* Reports a check value, e.g. a checksum of results. */
static inline void region_check(uint32_t value)
{
  region_markers()[3] = value;
}

#endif
