#include "presilicon/ring.h"

#include <string.h>

#include "presilicon/csr.h"
#include "presilicon/plic.h"
#include "presilicon/print.h"

/* The accelerator whose interrupt arrives: its line stays high until the event is cleared in it. */
static volatile uint32_t *interrupting;

static void acknowledge(uint32_t source)
{
  (void)source;
  interrupting[ACCELERATOR_IRQ_STATUS / 4] = interrupting[ACCELERATOR_IRQ_STATUS / 4];
}

enum ring_state ring_open(struct ring *ring, uintptr_t registers, uint32_t source)
{
  *ring = (struct ring){.registers = (volatile uint32_t *)registers};
  if (ring_read(ring, ACCELERATOR_ID) != ACCELERATOR_ID_VALUE) return RING_NO_DEVICE;
  ring_write(ring, ACCELERATOR_CONTROL, ACCELERATOR_CONTROL_RESET);
  ring_write(ring, ACCELERATOR_IRQ_ENABLE, ACCELERATOR_IRQ_ENABLE_FENCE | ACCELERATOR_IRQ_ENABLE_ERROR);
  ring_write(ring, ACCELERATOR_CONTROL, ACCELERATOR_CONTROL_ENABLE);
  interrupting = ring->registers;
  plic_attach(source, 1, acknowledge);
  return RING_DONE;
}

void ring_start(struct ring *ring, const void *slots, uint32_t size)
{
  ring->slots = (uint8_t *)(uintptr_t)slots;
  ring->size = size;
  ring->next_slot = 0;
  ring->tail = 0;
  ring_write(ring, ACCELERATOR_RING_SIZE, size);
  ring_write(ring, ACCELERATOR_RING_BASE, (uint32_t)(uintptr_t)slots);
}

int ring_push(struct ring *ring, const void *command)
{
  const uint32_t used = ring->tail - ring_read(ring, ACCELERATOR_RING_HEAD);
  if (used >= ring->size) return 0;
  memcpy(ring->slots + ring->next_slot * ACCELERATOR_COMMAND_BYTES, command, ACCELERATOR_COMMAND_BYTES);
  ring->next_slot = ring->next_slot + 1 == ring->size ? 0 : ring->next_slot + 1;
  ring->tail++;
  return 1;
}

enum ring_state ring_push_wait(struct ring *ring, const void *command)
{
  if (ring_push(ring, command)) return RING_DONE;
  if (!ring_failed(ring)) ring_submit_pushed(ring);
  while (!ring_push(ring, command))
    if (ring_failed(ring)) return RING_FAILED;
  return RING_DONE;
}

/*
 * Interrupts are masked between the check and wfi: a fence that completes in between leaves its
 * interrupt pending, and wfi returns at once. What is pending is then served from here, without the
 * cost of a trap; interrupts that this does not serve are taken where they are unmasked.
 */
enum ring_state ring_wait(const struct ring *ring, uint32_t sequence)
{
  for (;;) {
    const uint32_t enabled = interrupts_disable();
    const enum ring_state state = ring_poll(ring, sequence);
    if (state == RING_BUSY) {
      wait_for_interrupt();
      plic_serve();
    }
    interrupts_restore(enabled);
    if (state != RING_BUSY) return state;
  }
}

struct ring_error ring_error(const struct ring *ring)
{
  return (struct ring_error){
      ring_read(ring, ACCELERATOR_ERROR_CODE),
      ring_read(ring, ACCELERATOR_ERROR_FIELD),
      ring_read(ring, ACCELERATOR_ERROR_ADDRESS),
      ring_read(ring, ACCELERATOR_ERROR_BUS_ADDRESS),
  };
}

void ring_print_error(const struct ring *ring)
{
  static const char *const texts[] = {
      [ACCELERATOR_ERROR_CODE_NONE] = "no error",
      [ACCELERATOR_ERROR_CODE_OPCODE] = "unknown opcode",
      [ACCELERATOR_ERROR_CODE_RESERVED] = "reserved bits are set",
      [ACCELERATOR_ERROR_CODE_FIELD] = "illegal value of a field",
      [ACCELERATOR_ERROR_CODE_RANGE] = "address out of range",
      [ACCELERATOR_ERROR_CODE_BUS] = "bus error",
      [ACCELERATOR_ERROR_CODE_FETCH] = "bus error while fetching",
      [ACCELERATOR_ERROR_CODE_RING] = "ring overrun",
      [ACCELERATOR_ERROR_CODE_TOKEN] = "token overflow",
  };
  const struct ring_error error = ring_error(ring);
  const char *const text = error.code < sizeof texts / sizeof texts[0] ? texts[error.code] : "unknown error";
  print("accelerator: %s (code %lu) at command 0x%08lx", text, (unsigned long)error.code, (unsigned long)error.address);
  if (error.field != 0xffffffffu) print(", field %lu", (unsigned long)error.field);
  if (error.bus_address != 0) print(", bus address 0x%08lx", (unsigned long)error.bus_address);
  print("\n");
}

uint64_t ring_counter_64(const struct ring *ring, uint32_t offset)
{
  uint32_t high, low, again;
  do {
    high = ring_read(ring, offset + 4);
    low = ring_read(ring, offset);
    again = ring_read(ring, offset + 4);
  } while (high != again);
  return ((uint64_t)high << 32) | low;
}
