/* The part of <string.h> that compilers expect of every program, and strlen. */
#ifndef PRESILICON_STRING_H
#define PRESILICON_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *text);

#endif
