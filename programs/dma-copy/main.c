/*
 * The accelerator's DMA without its compute unit: an image with a frame around it. LOAD brings the image in and lays the
 * frame around it; STORE waits for LOAD's token, and the fence says when all of it is in RAM.
 */
#include <string.h>

#include "presilicon/print.h"
#include "presilicon/ring.h"
#include "soc.h"

#define WIDTH 6
#define HEIGHT 3
#define FRAMED_WIDTH (WIDTH + 2)
#define FRAMED_HEIGHT (HEIGHT + 2)
#define ADDRESS(pointer) ((uint32_t)(uintptr_t)(pointer))

static const char image[HEIGHT][WIDTH + 1] = {"abcdef", "ghijkl", "mnopqr"};
static char framed[FRAMED_HEIGHT][FRAMED_WIDTH];

/* Constant commands are a stream: they are themselves the ring. */
static const union {
  struct accelerator_load load;
  struct accelerator_store store;
  struct accelerator_fence fence;
} commands[] = {
    {.load = {.opcode = ACCELERATOR_OPCODE_LOAD,
              .signal = ACCELERATOR_UNIT_STORE,
              .ram = ADDRESS(image),
              .bytes = 1,
              .rows = WIDTH,
              .planes = HEIGHT,
              .ram_row_stride = 1,
              .ram_plane_stride = sizeof image[0],
              .scratch_row_stride = 1,
              .scratch_plane_stride = FRAMED_WIDTH,
              .pad_top = 1,
              .pad_bottom = 1,
              .pad_left = 1,
              .pad_right = 1,
              .pad_value = '.'}},
    {.store = {.opcode = ACCELERATOR_OPCODE_STORE,
               .wait = ACCELERATOR_UNIT_LOAD,
               .ram = ADDRESS(framed),
               .bytes = sizeof framed,
               .rows = 1,
               .planes = 1}},
    {.fence = {.opcode = ACCELERATOR_OPCODE_FENCE, .interrupt = 1, .sequence = 1}},
};

int main(void)
{
  struct ring ring;
  if (ring_open(&ring, SOC_ACCELERATOR_BASE, SOC_ACCELERATOR_IRQ) != RING_DONE) return 1;
  ring_start(&ring, commands, sizeof commands / sizeof commands[0]);
  ring_submit(&ring, sizeof commands / sizeof commands[0]);
  if (ring_wait(&ring, 1) != RING_DONE) {
    ring_print_error(&ring);
    return 2;
  }
  for (int row = 0; row < FRAMED_HEIGHT; row++) {
    for (int column = 0; column < FRAMED_WIDTH; column++) print("%c", framed[row][column]);
    print("\n");
  }
  print("%u bytes read, %u written\n", (unsigned)ring_counter_64(&ring, ACCELERATOR_PERF_BYTES_READ_LO),
        (unsigned)ring_counter_64(&ring, ACCELERATOR_PERF_BYTES_WRITTEN_LO));
  return 0;
}
