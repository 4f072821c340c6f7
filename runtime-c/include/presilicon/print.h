/* Formatted text on the UART, a small part of printf. */
#ifndef PRESILICON_PRINT_H
#define PRESILICON_PRINT_H

/*
 * %d %i %u %x %X %c %s %p %%, with `l` (the same size here), a width, zero padding and `-` for left
 * alignment. No floating point, no 64-bit numbers. Returns the number of characters.
 */
int print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
