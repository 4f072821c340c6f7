#include "presilicon/plic.h"

#include "presilicon/csr.h"
#include "presilicon/trap.h"
#include "soc.h"

/* RISC-V PLIC specification 1.0.0; context 0 is hart 0 in machine mode. */
#define PRIORITY ((volatile uint32_t *)SOC_PLIC_BASE)
#define ENABLE ((volatile uint32_t *)(SOC_PLIC_BASE + 0x2000))
#define THRESHOLD ((volatile uint32_t *)(SOC_PLIC_BASE + 0x200000))
#define CLAIM ((volatile uint32_t *)(SOC_PLIC_BASE + 0x200004))

static plic_handler *handlers[PLIC_SOURCES];

/* Serves what is pending, highest priority first; claiming 0 means that nothing is left. */
void plic_serve(void)
{
  for (uint32_t source = *CLAIM; source != 0; source = *CLAIM) {
    if (source < PLIC_SOURCES && handlers[source] != 0) handlers[source](source);
    *CLAIM = source;
  }
}

void plic_attach(uint32_t source, uint32_t priority, plic_handler *handler)
{
  const uint32_t enabled = interrupts_disable();
  const uint32_t bit = 1u << (source % 32);
  handlers[source] = handler;
  PRIORITY[source] = handler != 0 ? priority : 0;
  if (handler != 0) ENABLE[source / 32] |= bit;
  else ENABLE[source / 32] &= ~bit;
  *THRESHOLD = 0;
  interrupt_attach(INTERRUPT_EXTERNAL, plic_serve);
  interrupts_restore(enabled);
}
