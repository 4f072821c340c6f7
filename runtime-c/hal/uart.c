#include "presilicon/uart.h"

#include <stdint.h>

#include "soc.h"

/* NS16550A: byte registers; 0 holds received and takes transmitted bytes, 5 is the line status. */
#define UART ((volatile uint8_t *)SOC_UART0_BASE)
#define DATA 0
#define LINE_STATUS 5
#define RECEIVED 0x01
#define TRANSMITTER_READY 0x20

void uart_put(char character)
{
  while ((UART[LINE_STATUS] & TRANSMITTER_READY) == 0) {
  }
  UART[DATA] = (uint8_t)character;
}

int uart_get(void)
{
  return (UART[LINE_STATUS] & RECEIVED) != 0 ? UART[DATA] : -1;
}
