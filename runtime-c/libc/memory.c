/*
 * memcpy and friends by words. A copy between addresses of different alignment reads aligned words
 * and shifts; the hart has no misaligned loads. Compilers call these functions on their own.
 */
#include <stdint.h>
#include <string.h>

#ifndef __clang__
/* Or GCC makes a loop that copies into a call of memcpy, here too. */
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

/* Words that may alias anything. */
typedef uint32_t __attribute__((may_alias)) word;

#define WORD sizeof(word)
#define MISALIGNMENT(pointer) ((uintptr_t)(pointer) & (WORD - 1))

/* Copies words to an aligned address from one that is `offset` (1 to 3) bytes past alignment. */
static void copy_shifted(word *to, const unsigned char *from, size_t words, unsigned offset)
{
  const word *source = (const word *)(from - offset);
  const unsigned low = offset * 8, high = 32 - low;
  word current = *source;
  for (; words >= 4; words -= 4, source += 4, to += 4) {
    const word a = source[1], b = source[2], c = source[3], d = source[4];
    to[0] = (current >> low) | (a << high);
    to[1] = (a >> low) | (b << high);
    to[2] = (b >> low) | (c << high);
    to[3] = (c >> low) | (d << high);
    current = d;
  }
  for (; words > 0; words--) {
    const word next = *++source;
    *to++ = (current >> low) | (next << high);
    current = next;
  }
}

/* Eight words a turn: loads first, so that no store waits for the load before it. */
static void copy_words(word *to, const word *source, size_t words)
{
  for (const word *const end = source + (words & ~(size_t)7); source != end; source += 8, to += 8) {
    const word a = source[0], b = source[1], c = source[2], d = source[3];
    const word e = source[4], f = source[5], g = source[6], h = source[7];
    to[0] = a;
    to[1] = b;
    to[2] = c;
    to[3] = d;
    to[4] = e;
    to[5] = f;
    to[6] = g;
    to[7] = h;
  }
  for (words &= 7; words > 0; words--) *to++ = *source++;
}

/* Lowest address first; right for overlapping areas when the target is at least a word below the source. */
static void copy_forward(unsigned char *target, const unsigned char *source, size_t size)
{
  if (size >= 4 * WORD) {
    for (; MISALIGNMENT(target) != 0; size--) *target++ = *source++;
    /* The shifted copy reads to the end of the last source word it touches: stay one word short. */
    const unsigned offset = MISALIGNMENT(source);
    const size_t words = offset == 0 ? size / WORD : size / WORD - 1;
    if (offset == 0) copy_words((word *)target, (const word *)source, words);
    else copy_shifted((word *)target, source, words, offset);
    target += words * WORD;
    source += words * WORD;
    size -= words * WORD;
  }
  while (size-- > 0) *target++ = *source++;
}

/* Highest address first. */
static void copy_backward(unsigned char *target, const unsigned char *source, size_t size)
{
  if (MISALIGNMENT(target) == MISALIGNMENT(source)) {
    for (; size > 0 && MISALIGNMENT(target + size) != 0; size--) target[size - 1] = source[size - 1];
    for (; size >= WORD; size -= WORD) *(word *)(target + size - WORD) = *(const word *)(source + size - WORD);
  }
  for (; size > 0; size--) target[size - 1] = source[size - 1];
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
  copy_forward(to, from, size);
  return to;
}

void *memmove(void *to, const void *from, size_t size)
{
  unsigned char *target = to;
  const unsigned char *source = from;
  const uintptr_t ahead = (uintptr_t)source - (uintptr_t)target;
  if (ahead >= size && 0u - ahead >= size) copy_forward(target, source, size);
  else if (target > source) copy_backward(target, source, size);
  else if (ahead >= WORD) copy_forward(target, source, size);
  else for (size_t i = 0; i < size; i++) target[i] = source[i];
  return to;
}

void *memset(void *to, int value, size_t size)
{
  unsigned char *target = to;
  const word pattern = (uint32_t)(unsigned char)value * 0x01010101u;
  if (size >= 4 * WORD) {
    for (; MISALIGNMENT(target) != 0; size--) *target++ = (unsigned char)value;
    word *words = (word *)target;
    for (; size >= 4 * WORD; size -= 4 * WORD, words += 4) {
      words[0] = pattern;
      words[1] = pattern;
      words[2] = pattern;
      words[3] = pattern;
    }
    target = (unsigned char *)words;
  }
  while (size-- > 0) *target++ = (unsigned char)value;
  return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
  const unsigned char *x = a, *y = b;
  for (; size > 0; size--, x++, y++)
    if (*x != *y) return *x - *y;
  return 0;
}

size_t strlen(const char *text)
{
  size_t length = 0;
  while (text[length] != 0) length++;
  return length;
}
