#include "presilicon/finish.h"

#include <stdint.h>

#include "soc.h"

#define FINISHER ((volatile uint32_t *)SOC_FINISHER_BASE)
#define PASS 0x5555u
#define FAIL 0x3333u

_Noreturn void finish(int code)
{
  *FINISHER = code == 0 ? PASS : ((uint32_t)code << 16) | FAIL;
  for (;;) {
  }
}
