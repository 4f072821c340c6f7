/* A task on a stack of its own prints and sleeps; the handler saves its registers there and prints, too. */
#include "presilicon/csr.h"
#include "presilicon/finish.h"
#include "presilicon/print.h"
#include "presilicon/timer.h"
#include "presilicon/trap.h"

#define DELAY 5000

static uint32_t stack[1024] __attribute__((aligned(16)));
static volatile uint32_t count;

static void tick(void)
{
  timer_set_deadline(UINT64_MAX);
  print("tick %u\n", (unsigned)++count);
  if (count == 4) finish(0);
}

__attribute__((noinline)) static void idle(void)
{
  for (;;) {
    timer_set_deadline(timer_now() + DELAY);
    print("idle\n");
    wait_for_interrupt();
  }
}

int main(void)
{
  interrupt_attach(INTERRUPT_TIMER, tick);
  interrupts_enable();
  __asm__ volatile("mv sp, %0\n  jr %1" ::"r"(stack + 1024), "r"(idle));
  __builtin_unreachable();
}
