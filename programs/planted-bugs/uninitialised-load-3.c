#include "base.h"
#include "presilicon/print.h"

static const union command commands[] = {LOAD(input[0], 0), FENCE(1)};

/* A look at a scratchpad, one row further than was loaded; the value goes through memory before it is used. */
void uninitialised_load_3(void)
{
  begin(commands, COUNT(commands));
  ring_submit(&ring, COUNT(commands));
  ring_wait(&ring, 1);
  const volatile int32_t *const row = (const volatile int32_t *)SOC_ACCELERATOR_WINDOW_BASE;
#ifdef BUG
  print("%d\n", (int)row[BYTES / 4]); /* first: uninitialised_load_3 */ /* second: put_number */
#else
  print("%d\n", (int)row[0]);
#endif
}
