/*
 * User mode behind physical memory protection: the program may run all code and use its own page, nothing else. Every
 * attempt to do more comes back as an exception, is reported, and the next attempt follows.
 */
#include "presilicon/csr.h"
#include "presilicon/print.h"
#include "presilicon/trap.h"
#include "soc.h"

#define PAGE_BYTES 4096u
#define PMP_READ 0x01u
#define PMP_WRITE 0x02u
#define PMP_EXECUTE 0x04u
#define PMP_TOR 0x08u
#define PMP_NAPOT 0x18u
#define MSTATUS_MPP 0x1800u
enum { CALL_FROM_USER = 8 };

typedef uint32_t attempt(void);

extern char __text_start[], __text_end[];
static uint32_t page[PAGE_BYTES / 4] __attribute__((aligned(4096)));
static volatile uint32_t secret = 42;

/* Whether the attempt got through, and else the first exception. */
static struct exception seen;
static int trapped;

/* enter.S */
uint32_t enter_user(uint32_t (*program)(attempt *), uint32_t *stack, attempt *argument);
void leave_user(void);

static uint32_t own_page(void)
{
  volatile uint32_t *const words = page;
  words[0] = 7;
  return words[0] + 1;
}
static uint32_t read_kernel(void) { return secret; }
static uint32_t write_kernel(void) { secret = 0; return 0; }
static uint32_t write_code(void) { *(volatile uint32_t *)(uintptr_t)__text_start = 0; return 0; }
static uint32_t read_device(void) { return *(volatile uint8_t *)(SOC_UART0_BASE + UART16550_LSR); }
static uint32_t run_page(void) { return ((attempt *)(uintptr_t)page)(); }
static uint32_t read_csr(void) { return CSR_READ(mstatus); }
static uint32_t return_from_trap(void) { __asm__ volatile("mret"); return 0; }
static uint32_t read_time(void) { return CSR_READ(cycle) != 0; }

/* User programs end with this call. */
__attribute__((noinline)) static uint32_t user_main(attempt *what)
{
  register uint32_t value __asm__("a0") = what();
  __asm__ volatile("ecall" : "+r"(value)::"memory");
  return value;
}

/* An exception ends the attempt: enter_user returns, in machine mode. */
static uint32_t on_exception(const struct exception *exception)
{
  seen = *exception;
  trapped = 1;
  CSR_SET(mstatus, MSTATUS_MPP);
  return (uint32_t)(uintptr_t)leave_user;
}

/* Entry 1 (with 0 as its lower end): all code. Entry 2: the page. User mode may do nothing that no entry allows. */
static void protect(void)
{
  CSR_WRITE(pmpaddr0, (uint32_t)(uintptr_t)__text_start >> 2);
  CSR_WRITE(pmpaddr1, (uint32_t)(uintptr_t)__text_end >> 2);
  CSR_WRITE(pmpaddr2, ((uint32_t)(uintptr_t)page >> 2) | ((PAGE_BYTES >> 3) - 1));
  CSR_WRITE(pmpcfg0, ((PMP_NAPOT | PMP_READ | PMP_WRITE) << 16) | ((PMP_TOR | PMP_READ | PMP_EXECUTE) << 8));
}

static const char *value_of(uint32_t value)
{
  if (value == SOC_UART0_BASE + UART16550_LSR) return "the UART";
  if (value == (uint32_t)(uintptr_t)&secret) return "the secret";
  if (value == (uint32_t)(uintptr_t)__text_start) return "the code";
  return value == (uint32_t)(uintptr_t)page ? "the page" : "-";
}

static void try_it(const char *name, attempt *what)
{
  trapped = 0;
  const uint32_t result = enter_user(user_main, page + PAGE_BYTES / 4, what);
  if (trapped && seen.cause == CALL_FROM_USER) print("%-16s allowed, result %u\n", name, (unsigned)result);
  else print("%-16s cause %u, %s\n", name, (unsigned)seen.cause, value_of(seen.value));
}

int main(void)
{
  exception_attach(on_exception);
  protect();
  CSR_WRITE(mcounteren, 0);
  try_it("own page", own_page);
  try_it("read secret", read_kernel);
  try_it("write secret", write_kernel);
  try_it("write code", write_code);
  try_it("read UART", read_device);
  try_it("run own page", run_page);
  try_it("read mstatus", read_csr);
  try_it("mret", return_from_trap);
  try_it("read cycle", read_time);
  print("the secret is still %u\n", (unsigned)secret);
  return 0;
}
