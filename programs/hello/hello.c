/* The smallest firmware: text on the UART, and an exit code. */
#include "presilicon/print.h"

int main(void)
{
  print("Hello from a chip that does not exist yet.\n");
  return 0;
}
