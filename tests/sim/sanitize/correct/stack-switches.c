/* Tasks that go on where another one has stopped, with stacks in one array, and look at how much of them was used. */
#include <stddef.h>
#include <stdint.h>

#define TASKS 3
#define WORDS 256
#define FRAME_WORDS 16
#define UNUSED 0xa5a5a5a5u
#define MAIN TASKS

typedef void switch_stack(uint32_t **from, uint32_t **to);
switch_stack switch_by_load, switch_by_move, switch_by_frame_pointer, switch_by_offset, switch_by_distance,
    switch_by_register;

static switch_stack *const ways[] = {switch_by_load,   switch_by_move,     switch_by_frame_pointer,
                                     switch_by_offset, switch_by_distance, switch_by_register};
static uint32_t stacks[TASKS][WORDS] __attribute__((aligned(16)));
static uint32_t *pointers[TASKS + 1];
static switch_stack *way;
static uint32_t running = MAIN;
static uint32_t used, sum;

__attribute__((noinline)) static void go_to(uint32_t task)
{
  const uint32_t before = running;
  running = task;
  way(&pointers[before], &pointers[task]);
}

__attribute__((noinline)) static uint32_t deep(uint32_t depth)
{
  volatile uint32_t local[8];
  for (uint32_t i = 0; i < 8; i++) local[i] = depth + i;
  return depth == 0 ? local[7] : deep(depth - 1) + local[3];
}

__attribute__((noinline)) static uint32_t words_used(uint32_t task)
{
  uint32_t unused = 0;
  while (unused < WORDS && ((volatile uint32_t *)stacks[task])[unused] == UNUSED) unused++;
  return WORDS - unused;
}

static void task(void)
{
  volatile uint32_t kept[16];
  const uint32_t own = running;
  for (uint32_t i = 0; i < 16; i++) kept[i] = own;
  for (uint32_t round = 0; round < 4; round++) {
    sum += deep(own);
    go_to((own + 1) % TASKS);
    for (uint32_t i = 0; i < 16; i++) sum += kept[i];
    for (uint32_t other = 0; other < TASKS; other++) used += words_used(other);
  }
  for (;;) go_to(MAIN);
}

int main(void)
{
  for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
    way = ways[i];
    for (uint32_t id = 0; id < TASKS; id++) {
      for (uint32_t word = 0; word < WORDS; word++) stacks[id][word] = UNUSED;
      pointers[id] = stacks[id] + WORDS - FRAME_WORDS;
      for (uint32_t word = 0; word < FRAME_WORDS; word++) pointers[id][word] = 0;
      pointers[id][0] = (uint32_t)(uintptr_t)task;
    }
    go_to(i % TASKS);
  }
  return sum == 0 || used == 0;
}
