/*
 * An interrupt-driven UART driver: received bytes go to a ring in the receive interrupt, bytes to send leave a second
 * ring in the transmitter-empty interrupt, and the hart sleeps in between. Echoes lines in capitals up to an empty one.
 */
#include "presilicon/csr.h"
#include "presilicon/plic.h"
#include "soc.h"

#define UART ((volatile uint8_t *)SOC_UART0_BASE)
#define RING_BYTES 128u
#define FIFO_BYTES 16
#define IIR_KIND 0xfu
enum { IIR_LINE_STATUS = 6, IIR_RECEIVED = 4, IIR_TIMEOUT = 12, IIR_TRANSMITTER_EMPTY = 2, IIR_NONE = 1 };

struct ring {
  volatile uint32_t in, out; /* counts since the start; in - out bytes are in the ring */
  uint8_t bytes[RING_BYTES];
};
static struct ring received, sending;

static int take(struct ring *ring)
{
  return ring->in == ring->out ? -1 : ring->bytes[ring->out++ % RING_BYTES];
}

static int put(struct ring *ring, int byte)
{
  if (ring->in - ring->out == RING_BYTES) return 0;
  ring->bytes[ring->in % RING_BYTES] = (uint8_t)byte;
  ring->in++;
  return 1;
}

static void receive(void)
{
  while ((UART[UART16550_LSR] & UART16550_LSR_DR) != 0) put(&received, UART[UART16550_RBR]);
}

/* The transmitter is empty: its FIFO takes sixteen bytes. With nothing left to send its interrupt is masked. */
static void transmit(void)
{
  for (int i = 0; i < FIFO_BYTES; i++) {
    const int byte = take(&sending);
    if (byte < 0) {
      UART[UART16550_IER] = UART16550_IER_ERBFI;
      return;
    }
    UART[UART16550_THR] = (uint8_t)byte;
  }
}

static void on_uart(uint32_t source)
{
  (void)source;
  for (;;) {
    switch (UART[UART16550_IIR] & IIR_KIND) {
      case IIR_RECEIVED:
      case IIR_TIMEOUT: receive(); break;
      case IIR_TRANSMITTER_EMPTY: transmit(); break;
      case IIR_LINE_STATUS: (void)UART[UART16550_LSR]; break;
      case IIR_NONE: return;
      default: (void)UART[UART16550_MSR];
    }
  }
}

/* Sleeps with interrupts masked, so that none can come between the check and wfi. */
static int read_byte(void)
{
  for (;;) {
    interrupts_disable();
    const int byte = take(&received);
    if (byte < 0) wait_for_interrupt();
    interrupts_enable();
    if (byte >= 0) return byte;
  }
}

static void write_byte(int byte)
{
  while (!put(&sending, byte)) {
  }
  UART[UART16550_IER] = UART16550_IER_ERBFI | UART16550_IER_ETBEI;
}

static void write_text(const char *text)
{
  while (*text != 0) write_byte(*text++);
}

/* 115200 baud, 8 data bits, no parity; FIFOs on, receive interrupt at 8 bytes or after a time-out. */
static void open_uart(void)
{
  UART[UART16550_LCR] = UART16550_LCR_DLAB;
  UART[UART16550_DLL] = 2;
  UART[UART16550_DLM] = 0;
  UART[UART16550_LCR] = 3;
  UART[UART16550_FCR] = UART16550_FCR_ENABLE | UART16550_FCR_RESET_RECEIVE | UART16550_FCR_RESET_TRANSMIT | 0x80;
  plic_attach(SOC_UART0_IRQ, 1, on_uart);
  UART[UART16550_IER] = UART16550_IER_ERBFI;
  interrupts_enable();
}

int main(void)
{
  open_uart();
  write_text("ready\n");
  for (uint32_t length = 0;;) {
    const int byte = read_byte();
    write_byte(byte >= 'a' && byte <= 'z' ? byte - 'a' + 'A' : byte);
    if (byte == '\n' && length == 0) break;
    length = byte == '\n' ? 0 : length + 1;
  }
  write_text("bye\n");
  while (sending.in != sending.out) {
  }
  return 0;
}
