/* Interrupts with a stack of their own: a variable, and a part of the stack that the program does not reach. */
#include "presilicon/csr.h"
#include "presilicon/timer.h"

#define SLICE 50
#define STACK_BYTES 1200
#define ADDRESS(pointer) ((uint32_t)(uintptr_t)(pointer))

void enter_by_swap(void);
void enter_by_address(void);
void tick(void);
extern char interrupt_stack[], __stack_bottom[];

static volatile uint32_t ticks;

void tick(void)
{
  volatile uint32_t local[10];
  for (uint32_t i = 0; i < 10; i++) local[i] = i;
  ticks += local[1];
  timer_set_deadline(timer_now() + SLICE);
}

__attribute__((noinline)) static uint32_t work(uint32_t depth)
{
  volatile uint32_t local[20];
  uint32_t sum = 0;
  for (uint32_t i = 0; i < 20; i++) local[i] = depth + i;
  for (uint32_t round = 0; round < 30; round++)
    for (uint32_t i = 0; i < 20; i++) sum += local[i];
  return depth == 0 ? sum : sum + work(depth - 1);
}

static uint32_t until_ticks(void (*entry)(void), const char *top)
{
  uint32_t sum = 0;
  CSR_WRITE(mtvec, ADDRESS(entry));
  CSR_WRITE(mscratch, ADDRESS(top));
  ticks = 0;
  interrupts_enable();
  while (ticks < 10) sum += work(4);
  interrupts_disable();
  return sum;
}

int main(void)
{
  timer_set_deadline(timer_now() + SLICE);
  CSR_SET(mie, 1u << 7);
  const uint32_t sum = until_ticks(enter_by_swap, interrupt_stack + STACK_BYTES) +
                       until_ticks(enter_by_swap, __stack_bottom + STACK_BYTES) + until_ticks(enter_by_address, 0);
  return sum == 0;
}
