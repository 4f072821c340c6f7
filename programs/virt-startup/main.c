/*
 * What the start-up code and drivers of RTOSes for the `virt` machine do to the platform before and while they run, one
 * line each; the same lines come from QEMU. Modelled on what ports of FreeRTOS and Zephyr for this machine need.
 */
#include "presilicon/csr.h"
#include "presilicon/print.h"
#include "presilicon/timer.h"
#include "presilicon/trap.h"
#include "soc.h"

#define WORD(address) (*(volatile uint32_t *)(address))
#define UART ((volatile uint8_t *)SOC_UART0_BASE)
#define PLIC_CONTEXT_STRIDE 0x1000u
#define ENABLE_CONTEXT_STRIDE 0x80u
#define DEVICES 53u

static volatile uint32_t traps;

static uint32_t skip(const struct exception *exception)
{
  traps++;
  return exception->pc + 4;
}

static void show(const char *what, uint32_t value)
{
  print("%-34s %x\n", what, (unsigned)value);
}

/* Machine-mode registers that start-up code sets and reads back. */
static void hart(void)
{
  show("mhartid", CSR_READ(mhartid));
  CSR_WRITE(mscratch, 0x12345678u);
  show("mscratch keeps a word", CSR_READ(mscratch));
  CSR_WRITE(mie, 0x888);
  show("mie keeps its three enables", CSR_READ(mie) & 0x888u);
  CSR_WRITE(mie, 0);
  CSR_WRITE(mcounteren, 7);
  show("mcounteren keeps CY, TM, IR", CSR_READ(mcounteren) & 7u);
  CSR_SET(mstatus, 0x1880);
  show("mstatus.MPP is machine, MPIE set", CSR_READ(mstatus) & 0x1880u);
  CSR_CLEAR(mstatus, 0x1800);
  show("mstatus.MPP can be user", CSR_READ(mstatus) & 0x1800u);
  CSR_SET(mstatus, 0x1800);
  CSR_WRITE(pmpcfg0, 0);
  CSR_WRITE(pmpaddr0, 0x20000000u);
  show("pmpcfg0 can be cleared", CSR_READ(pmpcfg0));
  show("pmpaddr0 keeps an address", CSR_READ(pmpaddr0));
  CSR_WRITE(mcountinhibit, 0);
  show("mcountinhibit can be cleared", CSR_READ(mcountinhibit) & 5u);
  const uint32_t vector = CSR_READ(mtvec);
  CSR_WRITE(mtvec, vector | 1u);
  show("mtvec can be vectored", CSR_READ(mtvec) & 3u);
  CSR_WRITE(mtvec, vector);
  show("misa has I and M", CSR_READ(misa) >> 8 & 0x11u);
  (void)CSR_READ(mvendorid);
  (void)CSR_READ(marchid);
  (void)CSR_READ(mimpid);
}

/* The tick: mtime and mtimecmp by halves; the time CSR shows mtime. */
static void timer(void)
{
  const uint64_t begin = timer_now();
  while (timer_now() - begin < 10) {
  }
  show("mtime runs", timer_now() > begin);
  WORD(SOC_CLINT_BASE + CLINT_MTIMECMPH) = 0xffffffffu;
  WORD(SOC_CLINT_BASE + CLINT_MTIMECMP) = 0x1234u;
  show("mtimecmp, low half", WORD(SOC_CLINT_BASE + CLINT_MTIMECMP));
  show("mtimecmp, high half", WORD(SOC_CLINT_BASE + CLINT_MTIMECMPH));
  const uint32_t before = WORD(SOC_CLINT_BASE + CLINT_MTIME);
  const uint32_t time = CSR_READ(time);
  const uint32_t after = WORD(SOC_CLINT_BASE + CLINT_MTIME);
  show("the time CSR is mtime", time - before <= after - before);
  show("MTIP while mtimecmp is far", CSR_READ(mip) >> 7 & 1u);
  timer_set_deadline(0);
  show("MTIP when mtimecmp has passed", CSR_READ(mip) >> 7 & 1u);
  timer_set_deadline(UINT64_MAX);
  show("MTIP after moving it away", CSR_READ(mip) >> 7 & 1u);
  WORD(SOC_CLINT_BASE + CLINT_MSIP) = 1;
  show("MSIP follows msip", CSR_READ(mip) >> 3 & 1u);
  WORD(SOC_CLINT_BASE + CLINT_MSIP) = 0;
}

/* Drivers clear everything that the device tree promises, for both contexts, before they enable one source. */
static void plic(void)
{
  for (uint32_t source = 1; source <= DEVICES; source++) WORD(SOC_PLIC_BASE + PLIC_PRIORITY + 4 * source) = 0;
  for (uint32_t word = 0; word <= DEVICES / 32; word++) {
    WORD(SOC_PLIC_BASE + PLIC_ENABLE + 4 * word) = 0;
    WORD(SOC_PLIC_BASE + PLIC_ENABLE + ENABLE_CONTEXT_STRIDE + 4 * word) = 0;
  }
  WORD(SOC_PLIC_BASE + PLIC_THRESHOLD) = 0;
  WORD(SOC_PLIC_BASE + PLIC_THRESHOLD + PLIC_CONTEXT_STRIDE) = 0;
  WORD(SOC_PLIC_BASE + PLIC_PRIORITY + 4 * SOC_UART0_IRQ) = 1;
  WORD(SOC_PLIC_BASE + PLIC_ENABLE) = 1u << SOC_UART0_IRQ;
  show("the enable word of source 10", WORD(SOC_PLIC_BASE + PLIC_ENABLE));
  show("a claim without a request", WORD(SOC_PLIC_BASE + PLIC_CLAIM));
  UART[UART16550_IER] = UART16550_IER_ETBEI;
  show("MEIP with the UART's interrupt", CSR_READ(mip) >> 11 & 1u);
  show("its claim", WORD(SOC_PLIC_BASE + PLIC_CLAIM));
  show("MEIP while it is served", CSR_READ(mip) >> 11 & 1u);
  show("the UART says why", UART[UART16550_IIR] & 0xfu);
  WORD(SOC_PLIC_BASE + PLIC_CLAIM) = SOC_UART0_IRQ;
  show("MEIP after completion", CSR_READ(mip) >> 11 & 1u);
  UART[UART16550_IER] = 0;
}

/* The sequence of 16550 drivers: divisor, format, FIFOs, interrupts. */
static void uart(void)
{
  UART[UART16550_LCR] = UART16550_LCR_DLAB;
  UART[UART16550_DLL] = 2;
  UART[UART16550_DLM] = 0;
  const uint32_t divisor = UART[UART16550_DLL];
  UART[UART16550_LCR] = 3;
  show("the divisor reads back", divisor);
  show("LCR reads back", UART[UART16550_LCR]);
  UART[UART16550_FCR] = UART16550_FCR_ENABLE | UART16550_FCR_RESET_RECEIVE | UART16550_FCR_RESET_TRANSMIT;
  show("IIR shows the FIFOs", UART[UART16550_IIR]);
  show("LSR: empty and ready", UART[UART16550_LSR]);
  UART[UART16550_SCR] = 0x5a;
  show("the scratch register", UART[UART16550_SCR]);
  UART[UART16550_MCR] = UART16550_MCR_LOOP;
  UART[UART16550_THR] = 0x77;
  const uint32_t looped = UART[UART16550_RBR];
  UART[UART16550_MCR] = 0;
  show("loop-back receives", looped);
}

/* Registers that are not there trap; start-up code of some ports asks and goes on. */
static void absent(void)
{
  exception_attach(skip);
  __asm__ volatile("csrr zero, 0x7c0");
  __asm__ volatile(".word 0");
  exception_attach(0);
  show("traps of what is not there", traps);
}

int main(void)
{
  hart();
  timer();
  plic();
  uart();
  absent();
  return 0;
}
