/* A hosted C program: picolibc's printf and scanf, with semihosting below them. Nothing here knows the platform. */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
  char name[32];
  int year;
  printf("What is your name, and when were you born?\n");
  if (scanf("%31s %d", name, &year) != 2) return EXIT_FAILURE;
  printf("%s was born in %#x; pi is about %.4f.\n", name, (unsigned)year, 3.14159265);
  char *const copy = malloc(64);
  if (copy == NULL) return EXIT_FAILURE;
  snprintf(copy, 64, "%-10s|%5d|%lld", name, year, 1234567890123ll);
  puts(copy);
  free(copy);
  return 42;
}
