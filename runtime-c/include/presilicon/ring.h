/*
 * Driver of accelerators that take fixed-size commands from a ring in RAM. Two ways to use it:
 *
 * - A stream: all commands of a network are constant data and are themselves the ring. Start it, then
 *   submit up to a command and wait for a fence, as often as the CPU has layers of its own in between.
 * - A ring: firmware pushes commands one by one into slots that are used again and again.
 *
 * Submitting never waits for the accelerator. Register offsets come from the header that is
 * generated from the accelerator's description.
 */
#ifndef PRESILICON_RING_H
#define PRESILICON_RING_H

#include <stdint.h>

#include "accelerator.h"

struct ring {
  volatile uint32_t *registers;
  uint8_t *slots;
  uint32_t size;      /* slots */
  uint32_t next_slot; /* where the next pushed command goes */
  uint32_t tail;      /* commands pushed since the start, modulo 2^32 */
};

/* What polling and waiting say. */
enum ring_state {
  RING_DONE = 0,
  RING_BUSY = 1,
  RING_FAILED = 2,   /* the accelerator stopped at an error: see ring_error */
  RING_NO_DEVICE = 3 /* something else answers at the address */
};

/* Why an accelerator stopped. */
struct ring_error {
  uint32_t code;        /* ERROR_CODE */
  uint32_t field;       /* index of the field to blame, or all ones */
  uint32_t address;     /* RAM address of the command */
  uint32_t bus_address; /* what did not answer */
};

static inline uint32_t ring_read(const struct ring *ring, uint32_t offset)
{
  return ring->registers[offset / 4];
}

static inline void ring_write(const struct ring *ring, uint32_t offset, uint32_t value)
{
  ring->registers[offset / 4] = value;
}

/* Resets the accelerator at `registers` and routes its interrupt `source`. RING_DONE or RING_NO_DEVICE. */
enum ring_state ring_open(struct ring *ring, uintptr_t registers, uint32_t source);

/* Starts over with the commands at `slots` (a multiple of 4); none is submitted yet. The accelerator must be idle. */
void ring_start(struct ring *ring, const void *slots, uint32_t size);

/* Stream: lets the accelerator run up to but without command `end`, counted from the start. */
static inline void ring_submit(const struct ring *ring, uint32_t end)
{
  __asm__ volatile("fence w, o" ::: "memory");
  ring_write(ring, ACCELERATOR_RING_TAIL, end);
}

/* Ring: copies a command into the next free slot, without submitting it. 0 when the ring is full. */
int ring_push(struct ring *ring, const void *command);

/* Ring: submits everything that was pushed. */
static inline void ring_submit_pushed(const struct ring *ring)
{
  ring_submit(ring, ring->tail);
}

/* Whether the accelerator has stopped at an error. */
static inline int ring_failed(const struct ring *ring)
{
  return (ring_read(ring, ACCELERATOR_STATUS) & ACCELERATOR_STATUS_ERROR) != 0;
}

/*
 * Ring: copies a command into a free slot. While there is none, everything is submitted and the accelerator has to make
 * room: RING_DONE, or RING_FAILED when it has stopped and never will. Only a timer ends the wait for a unit that hangs.
 */
enum ring_state ring_push_wait(struct ring *ring, const void *command);

/* Whether fence `sequence` has completed. Sequence numbers grow along a stream; they may wrap. */
static inline enum ring_state ring_poll(const struct ring *ring, uint32_t sequence)
{
  const int32_t behind = (int32_t)(sequence - ring_read(ring, ACCELERATOR_FENCE));
  if (behind <= 0) {
    __asm__ volatile("fence i, r" ::: "memory");
    return RING_DONE;
  }
  return ring_failed(ring) ? RING_FAILED : RING_BUSY;
}

/*
 * Sleeps until fence `sequence` has completed, or the accelerator has failed. The fence must raise
 * its interrupt. Works with interrupts enabled and masked.
 */
enum ring_state ring_wait(const struct ring *ring, uint32_t sequence);

struct ring_error ring_error(const struct ring *ring);

/* Says on the UART what went wrong. */
void ring_print_error(const struct ring *ring);

/* A 64-bit counter, by the offset of its low word. */
uint64_t ring_counter_64(const struct ring *ring, uint32_t offset);

#endif
