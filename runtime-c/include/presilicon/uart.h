/* Serial port, NS16550A: polled output, and input that is there or not. */
#ifndef PRESILICON_UART_H
#define PRESILICON_UART_H

/* Waits until the transmitter takes one more byte. */
void uart_put(char character);

/* The next received byte, or -1 when there is none. */
int uart_get(void);

#endif
