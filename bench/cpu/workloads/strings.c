/* Text: copy, length, compare, count words, reverse, search. */
#include "workload.h"

enum { LENGTH = 4096 };

static char text[LENGTH], copy[LENGTH];

static size_t length_of(const char *s)
{
  const char *end = s;
  while (*end != 0) end++;
  return (size_t)(end - s);
}

static size_t find(const char *haystack, const char *needle)
{
  for (size_t at = 0; haystack[at] != 0; at++) {
    size_t i = 0;
    while (needle[i] != 0 && haystack[at + i] == needle[i]) i++;
    if (needle[i] == 0) return at;
  }
  return (size_t)-1;
}

uint32_t workload(uint32_t rounds)
{
  uint32_t state = 4, hash = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < LENGTH - 1; i++) {
      const uint32_t letter = next_random(&state) >> 27;
      text[i] = letter < 26 ? (char)('a' + letter) : ' ';
    }
    char *to = copy;
    for (const char *from = text; (*to++ = *from++) != 0;) {
    }
    uint32_t words = 0;
    for (const char *s = copy; *s != 0; s++) words += s[0] == ' ' && s[1] != ' ';
    const size_t length = length_of(copy);
    for (size_t i = 0, j = length - 1; i < j; i++, j--) {
      const char swapped = copy[i];
      copy[i] = copy[j];
      copy[j] = swapped;
    }
    hash = mix(hash, words);
    hash = mix(hash, (uint32_t)find(copy, "risc"));
    hash = mix(hash, (uint32_t)length);
  }
  return hash;
}
