#include "presilicon/finish.h"
#include "presilicon/print.h"
#include "workload.h"

int main(void)
{
  print("checksum 0x%08lx\n", (unsigned long)workload(ROUNDS));
  finish(0);
}
