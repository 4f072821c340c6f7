/* The part of a kernel or pooling window that lies inside the image. */
#ifndef PRESILICON_KERNELS_WINDOW_H
#define PRESILICON_KERNELS_WINDOW_H

#include "presilicon/kernels.h"

/* Rows [top, bottom) and columns [left, right) of the window. */
struct window {
  int32_t top, bottom, left, right;
};

/*
 * Elements [*first, *end) of a window of `size` elements, `dilation` apart and starting at
 * `origin`, that fall on 0 .. limit - 1.
 */
static inline void clip_window(int32_t origin, int32_t limit, int32_t size, int32_t dilation, int32_t *first,
                               int32_t *end)
{
  int32_t from = 0, to = size;
  while (from < size && origin + from * dilation < 0) from++;
  while (to > from && origin + (to - 1) * dilation >= limit) to--;
  *first = from;
  *end = to;
}

/* The same in coordinates of the image, for windows without dilation. */
static inline void window_inside(int32_t origin, int32_t limit, int32_t size, int32_t *first, int32_t *end)
{
  *first = origin < 0 ? 0 : origin;
  *end = origin + size > limit ? limit : origin + size;
}

#endif
