/* Interrupts and exceptions. crt0 installs the trap entry; everything is masked until firmware asks. */
#ifndef PRESILICON_TRAP_H
#define PRESILICON_TRAP_H

#include <stdint.h>

/* Causes of interrupts, which are also their bits in mie and mip. */
enum interrupt { INTERRUPT_SOFTWARE = 3, INTERRUPT_TIMER = 7, INTERRUPT_EXTERNAL = 11 };

typedef void interrupt_handler(void);

/*
 * Calls `handler` for every interrupt of this kind and unmasks the kind in mie; a null handler masks
 * it again. Handlers run with interrupts masked. An interrupt without a handler ends the run.
 */
void interrupt_attach(enum interrupt interrupt, interrupt_handler *handler);

struct exception {
  uint32_t cause; /* mcause: 0 fetch misaligned, 1 fetch fault, 2 illegal, 3 breakpoint, 4-7 load/store, 11 ecall */
  uint32_t pc;    /* mepc: the instruction that trapped */
  uint32_t value; /* mtval: the address or instruction, where the cause has one */
};

/* Returns the address to go on at, e.g. exception->pc + 4. */
typedef uint32_t exception_handler(const struct exception *exception);

/* Calls `handler` for every exception. Without one (or null), an exception is printed and ends the run as failed. */
void exception_attach(exception_handler *handler);

#endif
