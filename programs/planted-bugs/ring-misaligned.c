#include "base.h"

static const union command commands[] = {LOAD(input[0], 0), FENCE(1)};
static uint8_t bytes[sizeof commands + 4] __attribute__((aligned(4)));

/* A ring in an array of bytes, wherever they happen to lie. */
void ring_misaligned(void)
{
#ifdef BUG
  uint8_t *const slots = bytes + 2;
#else
  uint8_t *const slots = bytes;
#endif
  for (uint32_t i = 0; i < sizeof commands; i++) slots[i] = ((const uint8_t *)commands)[i];
  ring_open(&ring, SOC_ACCELERATOR_BASE, SOC_ACCELERATOR_IRQ);
  ring_write(&ring, ACCELERATOR_RING_BASE, ADDRESS(slots)); /* first: ring_misaligned */
  ring_write(&ring, ACCELERATOR_RING_SIZE, COUNT(commands));
#ifdef BUG
  ring_print_error(&ring);
#else
  ring_write(&ring, ACCELERATOR_CONTROL, ACCELERATOR_CONTROL_ENABLE);
  ring_submit(&ring, COUNT(commands));
  ring_wait(&ring, 1);
#endif
}
