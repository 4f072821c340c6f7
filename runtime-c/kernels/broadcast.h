/* The walk over rows that all operators with two operands share. */
#ifndef PRESILICON_KERNELS_BROADCAST_H
#define PRESILICON_KERNELS_BROADCAST_H

#include "loops.h"
#include "presilicon/kernels.h"

/* One row of `size` results; an operand with step 0 is the same element for all of them. */
typedef void broadcast_row(const void *params, const int8_t *a, int32_t a_step, const int8_t *b, int32_t b_step,
                           int8_t *output, int32_t size);

ALWAYS_INLINE void broadcast_rows(const struct broadcast *broadcast, const void *params, const int8_t *a,
                                  const int8_t *b, int8_t *output, broadcast_row *row)
{
  enum { inner = BROADCAST_DIMENSIONS - 1 };
  int32_t index[BROADCAST_DIMENSIONS] = {0};
  for (int dimension = inner; dimension >= 0;) {
    row(params, a, broadcast->a_strides[inner], b, broadcast->b_strides[inner], output, broadcast->shape[inner]);
    output += broadcast->shape[inner];
    for (dimension = inner - 1; dimension >= 0; dimension--) {
      a += broadcast->a_strides[dimension];
      b += broadcast->b_strides[dimension];
      if (++index[dimension] < broadcast->shape[dimension]) break;
      a -= broadcast->a_strides[dimension] * broadcast->shape[dimension];
      b -= broadcast->b_strides[dimension] * broadcast->shape[dimension];
      index[dimension] = 0;
    }
  }
}

#endif
