/* Writes a function and calls it for a while. */
#include <stdint.h>

static uint32_t code[2];

int main(void)
{
  code[0] = 0x00150513; /* addi a0, a0, 1 */
  code[1] = 0x00008067; /* ret */
  __asm__ volatile("fence.i" ::: "memory");
  int sum = 0;
  for (int i = 0; i < 1000; i++) sum = ((int (*)(int))(uintptr_t)code)(sum);
  return sum != 1000;
}
