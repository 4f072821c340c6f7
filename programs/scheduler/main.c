/*
 * A preemptive scheduler: two tasks that never yield share the hart, because the timer interrupt switches between
 * them. Each computes with as many registers as it can, so that one lost in a switch shows in its result.
 */
#include "presilicon/csr.h"
#include "presilicon/finish.h"
#include "presilicon/print.h"
#include "presilicon/timer.h"
#include "soc.h"

#define SLICE (SOC_TIMEBASE_HZ / 5000)
#define STACK_WORDS 1024
#define FRAME_WORDS 32
#define PREEMPTIONS 10u
#define TASKS 2
#define ROUNDS 100

/* switch.S */
void switch_tasks(void);
_Noreturn void start_task(uint32_t *frame);
uint32_t *schedule(uint32_t *frame);

static uint32_t stacks[TASKS][STACK_WORDS] __attribute__((aligned(16)));
static uint32_t *frames[TASKS];
static uint32_t running;
static volatile uint32_t preemptions[TASKS];
static volatile int done[TASKS];
static uint32_t wrong[TASKS];
/* Volatile, so that the compiler cannot know that all results are the same. */
static volatile uint32_t seeds[TASKS] = {3, 5};

/* Called on every tick with what was just saved; returns what goes on. */
uint32_t *schedule(uint32_t *frame)
{
  frames[running] = frame;
  preemptions[running]++;
  running = (running + 1) % TASKS;
  timer_set_deadline(timer_now() + SLICE);
  return frames[running];
}

/* Twelve values at once, mixed with one another: more than the caller-saved registers hold. */
static uint32_t churn(uint32_t seed, uint32_t rounds)
{
  uint32_t v[12];
  for (uint32_t i = 0; i < 12; i++) v[i] = seed + i;
  for (uint32_t round = 0; round < rounds; round++)
    for (uint32_t i = 0; i < 12; i++) v[i] = v[i] * 1664525u + v[(i + 5) % 12] + 1013904223u;
  uint32_t sum = 0;
  for (uint32_t i = 0; i < 12; i++) sum ^= v[i];
  return sum;
}

/* Whoever is ready last prints, in an order that no clock decides. */
static _Noreturn void report(void)
{
  uint32_t sum = 0;
  for (uint32_t id = 0; id < TASKS; id++) {
    print("task %u: %u wrong results in %u preemptions\n", (unsigned)id, (unsigned)wrong[id], PREEMPTIONS);
    sum += wrong[id];
  }
  finish(sum == 0 ? 0 : 1);
}

static void task(uint32_t id)
{
  const uint32_t expected = churn(seeds[id], ROUNDS);
  while (preemptions[id] < PREEMPTIONS) {
    if (churn(seeds[id], ROUNDS) != expected) wrong[id]++;
  }
  interrupts_disable();
  done[id] = 1;
  if (done[0] && done[1]) report();
  interrupts_enable();
  for (;;) {
  }
}

int main(void)
{
  for (uint32_t id = 0; id < TASKS; id++) {
    frames[id] = stacks[id] + STACK_WORDS - FRAME_WORDS;
    frames[id][0] = (uint32_t)(uintptr_t)task;
    __asm__("mv %0, gp" : "=r"(frames[id][3]));
    frames[id][10] = id;
  }
  CSR_WRITE(mtvec, (uint32_t)(uintptr_t)switch_tasks);
  CSR_SET(mie, 1u << 7);
  timer_set_deadline(timer_now() + SLICE);
  start_task(frames[0]);
}
