/* What the planted bugs share, so that each file shows just its bug: built with BUG, the line under #ifdef BUG is in. */
#ifndef PLANTED_BASE_H
#define PLANTED_BASE_H

#include "presilicon/csr.h"
#include "presilicon/plic.h"
#include "presilicon/ring.h"
#include "presilicon/trap.h"
#include "soc.h"

#define BYTES 64u
#define ADDRESS(pointer) ((uint32_t)(uintptr_t)(pointer))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One row of BYTES bytes, or several; designated members may follow: tokens, mostly. */
#define LOAD(from, to, ...) LOAD_ROWS(from, to, 1, BYTES, __VA_ARGS__)
#define LOAD_ROWS(from, to, count, distance, ...)                                                               \
  {.load = {.opcode = ACCELERATOR_OPCODE_LOAD, .ram = ADDRESS(from), .scratch = (to), .bytes = BYTES,            \
            .rows = (count), .planes = 1, .ram_row_stride = BYTES, .scratch_row_stride = (distance), __VA_ARGS__}}
#define STORE(from, to, ...) STORE_ROWS(from, to, 1, __VA_ARGS__)
#define STORE_ROWS(from, to, count, ...)                                                                        \
  {.store = {.opcode = ACCELERATOR_OPCODE_STORE, .ram = ADDRESS(to), .scratch = (from), .bytes = BYTES,          \
             .rows = (count), .planes = 1, .ram_row_stride = BYTES, .scratch_row_stride = BYTES, __VA_ARGS__}}
#define COPY(from, to, ...)                                                                                      \
  {.copy = {.opcode = ACCELERATOR_OPCODE_COPY, .input = (from), .output = (to), .bytes = BYTES, .rows = 1, .planes = 1, \
            __VA_ARGS__}}
#define FENCE(number) {.fence = {.opcode = ACCELERATOR_OPCODE_FENCE, .interrupt = 1, .sequence = (number)}}
#define WAIT(unit) .wait = ACCELERATOR_UNIT_##unit
#define SIGNAL(unit) .signal = ACCELERATOR_UNIT_##unit

union command {
  struct accelerator_load load;
  struct accelerator_store store;
  struct accelerator_copy copy;
  struct accelerator_fence fence;
};

extern struct ring ring;
extern int8_t input[2][BYTES], output[2][BYTES];
/* What a bug reads must be used, or the compiler drops it. */
extern volatile int32_t sink;

/* Opens the accelerator and starts a stream; nothing is submitted yet. */
void begin(const void *commands, uint32_t count);

/* Runs the network of network.json: two layers that copy two rows, with these commands. */
#define NETWORK_COMMANDS 5
#define FIRST network_arena
#define MIDDLE (network_arena + 2 * BYTES)
#define LAST (network_arena + 4 * BYTES)
extern int8_t network_arena[6 * BYTES];
void run_network(const union command commands[NETWORK_COMMANDS]);

/* A handler for the interrupts of the accelerator that does what it must. */
void serve(uint32_t source);

#endif
