/*
 * Every interrupt that the platform has, waited for with wfi: three ticks of the timer, one software interrupt, and
 * bytes that the UART sends to itself (loop-back) and that come back through the PLIC.
 */
#include "presilicon/csr.h"
#include "presilicon/plic.h"
#include "presilicon/print.h"
#include "presilicon/timer.h"
#include "presilicon/trap.h"
#include "presilicon/uart.h"
#include "soc.h"

#define TICK (SOC_TIMEBASE_HZ / 1000)
#define TICKS 3
#define UART ((volatile uint8_t *)SOC_UART0_BASE)
enum { UART_DATA = 0, UART_INTERRUPT_ENABLE = 1, UART_FIFO_CONTROL = 2, UART_MODEM_CONTROL = 4, UART_LOOP_BACK = 0x10 };

static volatile uint32_t ticks, softwares;
static volatile char received[8];
static volatile uint32_t count;

static void on_timer(void)
{
  ticks++;
  timer_set_deadline(ticks < TICKS ? timer_now() + TICK : UINT64_MAX);
}

static void on_software(void)
{
  softwares++;
  software_interrupt_set(0);
}

static void on_uart(uint32_t source)
{
  (void)source;
  for (int byte; (byte = uart_get()) >= 0;)
    if (count < sizeof received) received[count++] = (char)byte;
}

/* Between the test and wfi no interrupt may slip through: it is masked, and wfi wakes for it all the same. */
static void wait_for(const volatile uint32_t *value, uint32_t target)
{
  for (;;) {
    const uint32_t enabled = interrupts_disable();
    if (*value >= target) {
      interrupts_restore(enabled);
      return;
    }
    __asm__ volatile("wfi");
    interrupts_restore(enabled);
  }
}

int main(void)
{
  interrupt_attach(INTERRUPT_TIMER, on_timer);
  interrupt_attach(INTERRUPT_SOFTWARE, on_software);
  plic_attach(SOC_UART0_IRQ, 1, on_uart);
  interrupts_enable();

  timer_set_deadline(timer_now() + TICK);
  wait_for(&ticks, TICKS);

  software_interrupt_set(1);
  wait_for(&softwares, 1);

  UART[UART_FIFO_CONTROL] = 1;
  UART[UART_INTERRUPT_ENABLE] = 1;
  UART[UART_MODEM_CONTROL] = UART_LOOP_BACK;
  for (const char *text = "echo"; *text != 0; text++) UART[UART_DATA] = (uint8_t)*text;
  wait_for(&count, 4);
  UART[UART_MODEM_CONTROL] = 0;

  print("%lu ticks, %lu software, \"%c%c%c%c\" by UART\n", (unsigned long)ticks, (unsigned long)softwares,
        received[0], received[1], received[2], received[3]);
  return 0;
}
