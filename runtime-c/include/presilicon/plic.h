/* Platform-level interrupt controller: the sources that share the hart's external interrupt. */
#ifndef PRESILICON_PLIC_H
#define PRESILICON_PLIC_H

#include <stdint.h>

#define PLIC_SOURCES 64

typedef void plic_handler(uint32_t source);

/*
 * Calls `handler` when `source` (1 .. PLIC_SOURCES - 1) interrupts, with priority 1 to 7; a null
 * handler disables the source. Claim and completion are done around the handler, which must make the
 * device lower its line. Interrupts must be enabled in mstatus for anything to arrive.
 */
void plic_attach(uint32_t source, uint32_t priority, plic_handler *handler);

/*
 * Calls the handlers of everything that is pending, as the trap does: for code that waits with
 * interrupts masked.
 */
void plic_serve(void);

#endif
