/* For simulators of user programs: the system calls write and exit of RISC-V Linux. */
#include "workload.h"

enum { SYS_WRITE = 64, SYS_EXIT = 93 };

static void call(long number, long a, long b, long c)
{
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
}

int main(void)
{
  const uint32_t sum = workload(ROUNDS);
  char text[] = "checksum 0x00000000\n";
  for (int digit = 0; digit < 8; digit++) text[18 - digit] = "0123456789abcdef"[sum >> (4 * digit) & 15];
  call(SYS_WRITE, 1, (long)text, sizeof text - 1);
  call(SYS_EXIT, 0, 0, 0);
  for (;;) {
  }
}
