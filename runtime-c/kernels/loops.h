/* What keeps small fixed loops in registers with GCC and Clang at -O2. */
#ifndef PRESILICON_KERNELS_LOOPS_H
#define PRESILICON_KERNELS_LOOPS_H

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Channels (or elements) that the inner loops take at once. */
#define LANES 4

/* Before a loop of up to LANES steps: unroll it completely, so that arrays it indexes become registers. */
#ifdef __clang__
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define UNROLLED _Pragma("GCC unroll 4")
#endif

/*
 * Between the steps of an unrolled loop: no load moves across. Compilers otherwise fetch the operands
 * of all steps first, and spill what does not fit the registers.
 */
#define STEP_BOUNDARY __asm__ volatile("" ::: "memory")

#endif
