/* CLINT: the machine timer, which counts SOC_TIMEBASE_HZ, and the software interrupt. */
#ifndef PRESILICON_TIMER_H
#define PRESILICON_TIMER_H

#include <stdint.h>

uint64_t timer_now(void);

/* The timer interrupt is pending from this time on; UINT64_MAX silences it. */
void timer_set_deadline(uint64_t time);

/* Raises (1) or clears (0) this hart's software interrupt. */
void software_interrupt_set(int pending);

#endif
