/* Quicksort of 1,024 words, then a bytewise table CRC-32 over them. */
#include "workload.h"

enum { COUNT = 1024 };

static uint32_t words[COUNT];
static uint32_t table[256];

static void sort(uint32_t *low, uint32_t *high)
{
  while (low < high) {
    const uint32_t pivot = low[(high - low) / 2];
    uint32_t *left = low, *right = high;
    while (left <= right) {
      while (*left < pivot) left++;
      while (*right > pivot) right--;
      if (left > right) break;
      const uint32_t swapped = *left;
      *left++ = *right;
      *right-- = swapped;
    }
    sort(low, right);
    low = left;
  }
}

uint32_t workload(uint32_t rounds)
{
  uint32_t state = 3, crc = 0xffffffffu;
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; bit++) value = (value >> 1) ^ (0xedb88320u & (0u - (value & 1)));
    table[i] = value;
  }
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < COUNT; i++) words[i] = next_random(&state);
    sort(words, words + COUNT - 1);
    const uint8_t *const bytes = (const uint8_t *)words;
    for (size_t i = 0; i < sizeof words; i++) crc = table[(crc ^ bytes[i]) & 0xff] ^ (crc >> 8);
  }
  return ~crc;
}
