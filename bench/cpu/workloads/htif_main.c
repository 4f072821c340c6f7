/* For simulators that talk through HTIF: characters and the exit code go to `tohost`. */
#include "workload.h"

volatile uint64_t tohost __attribute__((section(".data.tohost"), aligned(64)));
volatile uint64_t fromhost __attribute__((section(".data.tohost"), aligned(64)));

static void send(uint64_t message)
{
  while (tohost != 0) fromhost = 0;
  tohost = message;
}

static void put(char c)
{
  send(UINT64_C(0x0101) << 48 | (uint8_t)c);
}

int main(void)
{
  const uint32_t sum = workload(ROUNDS);
  for (const char *text = "checksum 0x"; *text != '\0'; text++) put(*text);
  for (int shift = 28; shift >= 0; shift -= 4) put("0123456789abcdef"[sum >> shift & 15]);
  put('\n');
  for (;;) send(1);
}
