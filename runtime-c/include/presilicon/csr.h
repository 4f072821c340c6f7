/* Control and status registers of the hart (RISC-V Privileged Architecture, machine mode). */
#ifndef PRESILICON_CSR_H
#define PRESILICON_CSR_H

#include <stdint.h>

#define CSR_READ(name)                                              \
  __extension__({                                                   \
    uint32_t csr_value;                                             \
    __asm__ volatile("csrr %0, " #name : "=r"(csr_value));          \
    csr_value;                                                      \
  })
#define CSR_WRITE(name, value) __asm__ volatile("csrw " #name ", %0" ::"rK"((uint32_t)(value)) : "memory")
#define CSR_SET(name, bits) __asm__ volatile("csrs " #name ", %0" ::"rK"((uint32_t)(bits)) : "memory")
#define CSR_CLEAR(name, bits) __asm__ volatile("csrc " #name ", %0" ::"rK"((uint32_t)(bits)) : "memory")

#define MSTATUS_MIE 0x8u

/* Clock cycles since reset, low word: differences are right up to 2^32 cycles. */
static inline uint32_t cycles_now(void)
{
  return CSR_READ(mcycle);
}

/* Instructions retired since reset, low word. */
static inline uint32_t instructions_now(void)
{
  return CSR_READ(minstret);
}

/* Both words of a counter, read so that a carry in between does not tear them. */
#define CSR_READ_64(low, high)                                      \
  __extension__({                                                   \
    uint32_t word, upper, again;                                    \
    do {                                                            \
      upper = CSR_READ(high);                                       \
      word = CSR_READ(low);                                         \
      again = CSR_READ(high);                                       \
    } while (upper != again);                                       \
    ((uint64_t)upper << 32) | word;                                 \
  })

static inline uint64_t cycles_now_64(void)
{
  return CSR_READ_64(mcycle, mcycleh);
}

static inline uint64_t instructions_now_64(void)
{
  return CSR_READ_64(minstret, minstreth);
}

/* Stops the hart until an enabled interrupt is pending, also while interrupts are masked. */
static inline void wait_for_interrupt(void)
{
  __asm__ volatile("wfi" ::: "memory");
}

/* Masks interrupts; returns what interrupts_restore needs. */
static inline uint32_t interrupts_disable(void)
{
  uint32_t before;
  __asm__ volatile("csrrci %0, mstatus, 8" : "=r"(before)::"memory");
  return before & MSTATUS_MIE;
}

static inline void interrupts_restore(uint32_t before)
{
  CSR_SET(mstatus, before);
}

static inline void interrupts_enable(void)
{
  CSR_SET(mstatus, MSTATUS_MIE);
}

#endif
