/* Little but device registers and control registers. */
#include "presilicon/csr.h"
#include "soc.h"
#include "workload.h"

uint32_t workload(uint32_t rounds)
{
  volatile uint32_t *const deadline = (volatile uint32_t *)(SOC_CLINT_BASE + 0x4000u);
  uint32_t hash = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    *deadline = round;
    hash = mix(hash, *deadline);
    CSR_WRITE(mscratch, hash);
    hash ^= CSR_READ(mscratch) >> 3;
  }
  return hash;
}
