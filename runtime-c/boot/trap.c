#include "presilicon/trap.h"

#include "presilicon/csr.h"
#include "presilicon/finish.h"
#include "presilicon/print.h"

#define INTERRUPT_KINDS 16
#define CAUSE_IS_INTERRUPT 0x80000000u

/* Exit code of a run that ended with a trap nobody handles. */
#define EXIT_UNHANDLED_TRAP 126

static interrupt_handler *interrupt_handlers[INTERRUPT_KINDS];
static exception_handler *handle_exception;

static const char *cause_name(uint32_t cause)
{
  static const char *const names[] = {
      "instruction address misaligned", "instruction access fault", "illegal instruction", "breakpoint",
      "load address misaligned",        "load access fault",        "store address misaligned", "store access fault",
      "environment call from U-mode",   0,                          0, "environment call from M-mode",
  };
  const char *const name = cause < sizeof names / sizeof names[0] ? names[cause] : 0;
  return name != 0 ? name : "unknown exception";
}

/* Called by trap_entry with mcause, mepc, mtval; returns where to go on. */
uint32_t trap_dispatch(uint32_t cause, uint32_t pc, uint32_t value);

uint32_t trap_dispatch(uint32_t cause, uint32_t pc, uint32_t value)
{
  if ((cause & CAUSE_IS_INTERRUPT) != 0) {
    const uint32_t kind = cause & ~CAUSE_IS_INTERRUPT;
    if (kind < INTERRUPT_KINDS && interrupt_handlers[kind] != 0) {
      interrupt_handlers[kind]();
      return pc;
    }
    print("trap: interrupt %lu has no handler, at pc 0x%08lx\n", (unsigned long)kind, (unsigned long)pc);
    finish(EXIT_UNHANDLED_TRAP);
  }
  if (handle_exception != 0) {
    const struct exception exception = {cause, pc, value};
    return handle_exception(&exception);
  }
  print("trap: %s (mcause %lu), mepc 0x%08lx, mtval 0x%08lx\n", cause_name(cause), (unsigned long)cause,
        (unsigned long)pc, (unsigned long)value);
  finish(EXIT_UNHANDLED_TRAP);
}

void interrupt_attach(enum interrupt interrupt, interrupt_handler *handler)
{
  const uint32_t enabled = interrupts_disable();
  interrupt_handlers[interrupt] = handler;
  if (handler != 0) CSR_SET(mie, 1u << interrupt);
  else CSR_CLEAR(mie, 1u << interrupt);
  interrupts_restore(enabled);
}

void exception_attach(exception_handler *handler)
{
  handle_exception = handler;
}
