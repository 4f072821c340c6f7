/* Values that nobody has written, and that do not count: fields beside others, copies, and what is masked away. */
#include <stdint.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))

struct flags {
  uint8_t read : 1, write : 1, execute : 1, rest : 5;
  uint8_t count;
  uint16_t low : 4, high : 12;
};
struct __attribute__((packed)) record {
  char kind;
  int32_t value;
  int32_t unused;
};

/* Sets fields of a word of which nothing was set. */
NOINLINE static void set_flags(struct flags *flags, uint32_t value)
{
  flags->read = value & 1;
  flags->execute = 1;
  flags->count = (uint8_t)value;
  flags->low = value & 15;
  flags->high = value & 0xfff;
}

NOINLINE static uint32_t use_flags(void)
{
  struct flags flags;
  set_flags(&flags, 5);
  return flags.read + (flags.execute ? 2u : 0u) + flags.low + flags.high;
}

/* Copies what was not set along with what was, between addresses of different alignment. */
NOINLINE static int copy_unaligned(char *to)
{
  char local[40];
  local[0] = 1;
  local[39] = 2;
  memcpy(to + 1, local, sizeof local);
  memmove(to + 2, to + 1, sizeof local);
  return to[2] + to[41];
}

NOINLINE static void set_record(struct record *record)
{
  record->kind = 1;
  record->value = 5;
}

NOINLINE static int copy_packed(void)
{
  struct record one, other;
  set_record(&one);
  other = one;
  __asm__ volatile("" ::"r"(&other) : "memory");
  return other.kind + other.value;
}

NOINLINE static int get(int32_t *value, int32_t number)
{
  if ((number & 1) == 0) return -1;
  *value = number;
  return 0;
}

/* The value is compared before it is known that there is one: compilers do that early, and mask the result. */
NOINLINE static int count_large(void)
{
  int count = 0;
  for (int32_t i = 0; i < 9; i++) {
    int32_t value;
    const int found = get(&value, i) == 0;
    if (found && value > 3) count++;
  }
  return count;
}

int main(void)
{
  static char bytes[64];
  return use_flags() + (uint32_t)(copy_unaligned(bytes) + copy_packed() + count_large()) == 0;
}
