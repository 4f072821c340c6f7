/* Interrupts that are served later, cleared first or masked meanwhile, and waits that the next tick ends. */
#include "presilicon/csr.h"
#include "presilicon/plic.h"
#include "presilicon/ring.h"
#include "presilicon/timer.h"
#include "presilicon/trap.h"
#include "soc.h"

#define CLAIM ((volatile uint32_t *)(SOC_PLIC_BASE + 0x200004))
#define ENABLE ((volatile uint32_t *)(SOC_PLIC_BASE + 0x2000))
#define DEADLINE ((volatile uint32_t *)(SOC_CLINT_BASE + 0x4000))
#define SLICE 20
#define FENCE(number) {.opcode = ACCELERATOR_OPCODE_FENCE, .interrupt = 1, .sequence = (number)}

static struct ring ring;
static const struct accelerator_fence fences[] = {FENCE(1), FENCE(2), FENCE(3), FENCE(4), FENCE(5)};
static volatile uint32_t claimed, ticks, time, fence;
static uint32_t submitted;

static void submit(void)
{
  claimed = 0;
  fence = 0;
  ring_submit(&ring, ++submitted);
}

static void sleep_until(const volatile uint32_t *set)
{
  for (interrupts_disable(); *set == 0; interrupts_disable()) {
    wait_for_interrupt();
    interrupts_enable();
  }
  interrupts_enable();
}

static void acknowledge(void)
{
  ring_write(&ring, ACCELERATOR_IRQ_STATUS, ring_read(&ring, ACCELERATOR_IRQ_STATUS));
}

static void tick_once(void)
{
  ticks++;
  timer_set_deadline(UINT64_MAX);
}

static void tick_again(void)
{
  time++;
  timer_set_deadline(timer_now() + SLICE);
}

/* Claimed in the handler, completed by the program, which sleeps in between. */
static void claim_only(void)
{
  claimed = *CLAIM;
  CSR_CLEAR(mie, 1u << INTERRUPT_EXTERNAL);
}

static void complete_later(void)
{
  interrupt_attach(INTERRUPT_EXTERNAL, claim_only);
  interrupt_attach(INTERRUPT_TIMER, tick_once);
  submit();
  sleep_until(&claimed);
  ticks = 0;
  timer_set_deadline(timer_now() + SLICE);
  sleep_until(&ticks);
  acknowledge();
  *CLAIM = claimed;
}

/* Claimed by the program, and masked until then. */
static void mask_external(void)
{
  claimed = 1;
  CSR_CLEAR(mie, 1u << INTERRUPT_EXTERNAL);
}

static void claim_later(void)
{
  interrupt_attach(INTERRUPT_EXTERNAL, mask_external);
  submit();
  sleep_until(&claimed);
  plic_serve();
}

/* Completed at once, but masked until the program has served it. */
static void mask_source(void)
{
  const uint32_t source = *CLAIM;
  *CLAIM = source;
  ENABLE[0] &= ~(1u << source);
  claimed = source;
}

static void serve_later(void)
{
  interrupt_attach(INTERRUPT_EXTERNAL, mask_source);
  submit();
  sleep_until(&claimed);
  /* It was pending again when it was completed, so it may come once more. */
  while (claimed != 0) {
    const uint32_t source = claimed;
    claimed = 0;
    acknowledge();
    ENABLE[0] |= 1u << source;
  }
}

/* Cleared first, then looked at: what comes in between interrupts again. */
static void clear_and_look(void)
{
  const uint32_t source = *CLAIM;
  ring_write(&ring, ACCELERATOR_IRQ_STATUS, ACCELERATOR_IRQ_STATUS_FENCE);
  fence = ring_read(&ring, ACCELERATOR_FENCE);
  *CLAIM = source;
}

static void clear_first(void)
{
  interrupt_attach(INTERRUPT_EXTERNAL, clear_and_look);
  submit();
  sleep_until(&fence);
  interrupt_attach(INTERRUPT_EXTERNAL, 0);
}

/* Without the interrupt: idle says that the fence is done. */
static void poll_idle(void)
{
  submit();
  while ((ring_read(&ring, ACCELERATOR_STATUS) & ACCELERATOR_STATUS_IDLE) == 0) {
  }
  ring_write(&ring, ACCELERATOR_IRQ_STATUS, ACCELERATOR_IRQ_STATUS_FENCE);
}

/* The tick comes again, so none is slept through for longer than one. */
static void delay(uint32_t periods)
{
  interrupt_attach(INTERRUPT_TIMER, tick_again);
  timer_set_deadline(timer_now() + SLICE);
  const uint32_t end = time + periods;
  while ((int32_t)(time - end) < 0) wait_for_interrupt();
}

/* Nothing interrupts between the two writes. */
static void set_deadline_masked(uint64_t deadline)
{
  const uint32_t enabled = interrupts_disable();
  DEADLINE[1] = (uint32_t)(deadline >> 32);
  DEADLINE[0] = (uint32_t)deadline;
  interrupts_restore(enabled);
}

int main(void)
{
  ring_open(&ring, SOC_ACCELERATOR_BASE, SOC_ACCELERATOR_IRQ);
  ring_start(&ring, fences, sizeof fences / sizeof fences[0]);
  interrupts_enable();
  complete_later();
  claim_later();
  serve_later();
  clear_first();
  poll_idle();
  DEADLINE[0] = 0;
  ticks = 0;
  set_deadline_masked(timer_now() + SLICE);
  sleep_until(&ticks);
  delay(3);
  return ring_poll(&ring, submitted) != RING_DONE;
}
