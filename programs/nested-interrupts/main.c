/*
 * Nested interrupts: while a handler runs, the PLIC's threshold is the priority of its source and interrupts are
 * enabled, so that more urgent sources interrupt it and the others wait. Each UART interrupts when its transmitter-empty
 * interrupt is enabled; uart0 is urgent (priority 5), uart1 middle (3), uart2 low (1).
 */
#include "presilicon/csr.h"
#include "presilicon/plic.h"
#include "presilicon/print.h"
#include "presilicon/trap.h"
#include "soc.h"

#define PRIORITY(source) (((volatile uint32_t *)(SOC_PLIC_BASE + PLIC_PRIORITY))[source])
#define THRESHOLD (*(volatile uint32_t *)(SOC_PLIC_BASE + PLIC_THRESHOLD))
#define CLAIM (*(volatile uint32_t *)(SOC_PLIC_BASE + PLIC_CLAIM))
#define UART_REGISTER(base, offset) (*(volatile uint8_t *)((base) + (offset)))

static uint32_t depth;

static void interrupt_by(uint32_t base)
{
  UART_REGISTER(base, UART16550_IER) = UART16550_IER_ETBEI;
}

static void acknowledge(uint32_t base)
{
  UART_REGISTER(base, UART16550_IER) = 0;
}

static void say(const char *text, uint32_t source)
{
  for (uint32_t i = 0; i < depth; i++) print("  ");
  print("%s %u\n", text, (unsigned)source);
}

static void on_low(void)
{
  acknowledge(SOC_UART2_BASE);
  interrupt_by(SOC_UART2_BASE);
  say("the same source waits:", SOC_UART2_IRQ);
  interrupt_by(SOC_UART1_BASE);
  acknowledge(SOC_UART2_BASE);
}

static void on_middle(void)
{
  acknowledge(SOC_UART1_BASE);
  interrupt_by(SOC_UART2_BASE);
  say("a lower one waits:", SOC_UART2_IRQ);
  acknowledge(SOC_UART2_BASE);
  interrupt_by(SOC_UART0_BASE);
}

/* A nested trap overwrites mstatus.MPIE, MPP and mepc; trap_entry keeps mepc, mstatus is kept here. */
static void serve_nested(void)
{
  const uint32_t source = CLAIM;
  if (source == 0) return;
  const uint32_t status = CSR_READ(mstatus);
  const uint32_t threshold = THRESHOLD;
  THRESHOLD = PRIORITY(source);
  say("begin", source);
  depth++;
  interrupts_enable();
  if (source == SOC_UART2_IRQ) on_low();
  else if (source == SOC_UART1_IRQ) on_middle();
  else acknowledge(SOC_UART0_BASE);
  interrupts_disable();
  depth--;
  say("end", source);
  CLAIM = source;
  THRESHOLD = threshold;
  CSR_WRITE(mstatus, status);
}

static void nothing(uint32_t source)
{
  (void)source;
}

int main(void)
{
  plic_attach(SOC_UART0_IRQ, 5, nothing);
  plic_attach(SOC_UART1_IRQ, 3, nothing);
  plic_attach(SOC_UART2_IRQ, 1, nothing);
  interrupt_attach(INTERRUPT_EXTERNAL, serve_nested);

  print("threshold 3: nothing comes\n");
  THRESHOLD = 3;
  interrupts_enable();
  interrupt_by(SOC_UART1_BASE);
  acknowledge(SOC_UART1_BASE);

  print("threshold 0:\n");
  interrupts_disable();
  THRESHOLD = 0;
  interrupt_by(SOC_UART2_BASE);
  interrupts_enable();
  print("depth %u at the end\n", (unsigned)depth);
  return 0;
}
