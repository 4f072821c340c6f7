/*
 * A convolution by hand, in four tiles and two buffers: while the array computes a tile, the next one is loaded and the
 * one before is stored. Tokens keep the order: a tile is computed when it is loaded and the store has left its output
 * buffer, loaded when the array has left its input buffer, stored when it is computed. The CPU checks every byte.
 */
#include "presilicon/print.h"
#include "presilicon/ring.h"
#include "soc.h"

enum { CHANNELS = 16, WIDTH = 8, TILES = 4, TILE_ROWS = 2, KERNEL = 1, BUFFERS = 2 };
enum { TILE_BYTES = TILE_ROWS * WIDTH * CHANNELS, SLOTS = 8, COMMANDS = 3 * TILES + 3 };
#define ADDRESS(pointer) ((uint32_t)(uintptr_t)(pointer))
/* Scratchpad places: inputs, then outputs, of both buffers; weights before their parameters. */
#define INPUT(tile) ((uint32_t)((tile) % BUFFERS) * TILE_BYTES)
#define OUTPUT(tile) ((uint32_t)(BUFFERS + (tile) % BUFFERS) * TILE_BYTES)
#define PARAMETERS (CHANNELS * CHANNELS)

static int8_t input[TILES][TILE_BYTES], output[TILES][TILE_BYTES];
/* [input channel][output channel], as the array takes one block of 16 columns. */
static int8_t weights[CHANNELS][CHANNELS];
/* Times 2^30 / 2^31, shifted left by one: the sum itself. */
static struct {
  int32_t bias, multiplier, shift;
} parameters[CHANNELS];
static uint8_t slots[SLOTS][ACCELERATOR_COMMAND_BYTES] __attribute__((aligned(64)));
static struct ring ring;
/* RING_FAILED from when the accelerator has stopped at an error, as far as this program knows. */
static enum ring_state state = RING_DONE;

static void push(const void *command)
{
  if (state == RING_DONE) state = ring_push_wait(&ring, command);
}

static void load(const void *from, uint32_t bytes, uint8_t memory, uint32_t to, uint8_t wait, uint8_t signal)
{
  const struct accelerator_load command = {.opcode = ACCELERATOR_OPCODE_LOAD, .wait = wait, .signal = signal,
      .ram = ADDRESS(from), .scratch = to, .memory = memory, .bytes = bytes, .rows = 1, .planes = 1};
  push(&command);
}

static void convolve(int tile)
{
  const struct accelerator_conv command = {.opcode = ACCELERATOR_OPCODE_CONV,
      .wait = ACCELERATOR_UNIT_LOAD | (tile >= BUFFERS ? ACCELERATOR_UNIT_STORE : 0),
      .signal = ACCELERATOR_UNIT_STORE | (tile + BUFFERS < TILES ? ACCELERATOR_UNIT_LOAD : 0),
      .input = INPUT(tile), .output = OUTPUT(tile), .weights = 0, .parameters = PARAMETERS,
      .input_row_stride = WIDTH * CHANNELS, .output_row_stride = WIDTH * CHANNELS,
      .input_pixel_stride = CHANNELS, .output_pixel_stride = CHANNELS,
      .in_channels = CHANNELS, .out_channels = CHANNELS, .out_height = TILE_ROWS, .out_width = WIDTH,
      .kernel_height = KERNEL, .kernel_width = KERNEL, .stride_height = 1, .stride_width = 1,
      .dilation_height = 1, .dilation_width = 1, .activation_min = -128, .activation_max = 127};
  push(&command);
}

static void store(int tile)
{
  const struct accelerator_store command = {.opcode = ACCELERATOR_OPCODE_STORE, .wait = ACCELERATOR_UNIT_COMPUTE,
      .signal = tile + BUFFERS < TILES ? ACCELERATOR_UNIT_COMPUTE : 0,
      .ram = ADDRESS(output[tile]), .scratch = OUTPUT(tile), .bytes = TILE_BYTES, .rows = 1, .planes = 1};
  push(&command);
}

static void prepare(void)
{
  for (int i = 0; i < TILES * TILE_BYTES; i++) input[0][i] = (int8_t)(i * 7 % 23 - 11);
  for (int i = 0; i < CHANNELS * CHANNELS; i++) weights[0][i] = (int8_t)(i * 5 % 13 - 6);
  for (int channel = 0; channel < CHANNELS; channel++) {
    parameters[channel].bias = channel - 8;
    parameters[channel].multiplier = 1 << 30;
    parameters[channel].shift = 1;
  }
}

/* What the CPU says. */
static int8_t expected(int pixel, int channel)
{
  int32_t sum = parameters[channel].bias;
  for (int from = 0; from < CHANNELS; from++) sum += input[0][pixel * CHANNELS + from] * weights[from][channel];
  return (int8_t)(sum < -128 ? -128 : sum > 127 ? 127 : sum);
}

int main(void)
{
  const struct accelerator_fence fence = {.opcode = ACCELERATOR_OPCODE_FENCE, .interrupt = 1, .sequence = 1};
  prepare();
  if (ring_open(&ring, SOC_ACCELERATOR_BASE, SOC_ACCELERATOR_IRQ) != RING_DONE) return 1;
  ring_start(&ring, slots, SLOTS);
  load(weights, sizeof weights, 1, 0, 0, 0);
  load(parameters, sizeof parameters, 1, PARAMETERS, 0, 0);
  for (int tile = 0; tile < TILES; tile++) {
    load(input[tile], TILE_BYTES, 0, INPUT(tile), tile >= BUFFERS ? ACCELERATOR_UNIT_COMPUTE : 0,
         ACCELERATOR_UNIT_COMPUTE);
    convolve(tile);
    store(tile);
  }
  push(&fence);
  if (state == RING_DONE) {
    ring_submit_pushed(&ring);
    state = ring_wait(&ring, 1);
  }
  if (state != RING_DONE) {
    ring_print_error(&ring);
    return 2;
  }
  int wrong = 0;
  for (int i = 0; i < TILES * TILE_BYTES; i++) wrong += output[0][i] != expected(i / CHANNELS, i % CHANNELS);
  print("%d tiles, %d commands, %u MACs, %d wrong bytes\n", TILES, COMMANDS,
        (unsigned)ring_counter_64(&ring, ACCELERATOR_PERF_MACS_LO), wrong);
  return wrong != 0;
}
