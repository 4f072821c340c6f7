import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findExecutable } from '../../../compiler/toolchain/find-executable.ts'
import { runtimeIncludeDirs, runtimeSources } from '../../../compiler/toolchain/runtime-sources.ts'
import { socHeader } from '../../../sim/soc/c-header.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { linkerScript } from '../../../sim/soc/linker-script.ts'

/** What the debugger tests need of this machine, as far as it is there. */
export const gdb = findExecutable(['gdb-multiarch'])
const gcc = findExecutable(['riscv64-unknown-elf-gcc'])
export const missing = [
  ...(gdb === undefined ? ['gdb-multiarch'] : []),
  ...(gcc === undefined ? ['riscv64-unknown-elf-gcc'] : []),
]

export const folder = mkdtempSync(join(tmpdir(), 'sim-gdb-'))
export const removeFolder = () => rmSync(folder, { recursive: true, force: true })

/** A program with a call chain, a recursion, globals that change, and endless work on request. */
const source = `#include <stdint.h>
#include "presilicon/csr.h"
#include "presilicon/print.h"
#include "presilicon/timer.h"
#include "presilicon/trap.h"
#include "presilicon/uart.h"

volatile int total, reads, ticks, received;
volatile int numbers[5] = {3, 1, 4, 1, 5};

static void tick(void) { ticks++; timer_set_deadline(timer_now() + 1000); }

__attribute__((noinline)) int factorial(int n)
{
  if (n < 2)
    return 1;
  return n * factorial(n - 1);
}

__attribute__((noinline)) void accumulate(int value)
{
  int doubled = value * 2;
  total += doubled;
}

__attribute__((noinline)) void work(void)
{
  for (int i = 0; i < 5; i++)
    accumulate(numbers[i]);
  reads = total;
}

int main(void)
{
  print("begin\\n");
  work();
  int result = factorial(5);
  print("end\\n");
  return total == 28 && result == 120 ? 7 : 1;
}

/* Called by nobody but the debugger's user. */
__attribute__((used)) void forever(void)
{
  interrupt_attach(INTERRUPT_TIMER, tick);
  timer_set_deadline(timer_now() + 1000);
  interrupts_enable();
  for (;;)
    reads++;
}

/* Puts together what the console receives. */
__attribute__((used)) void listen(void)
{
  for (;;) {
    int character = uart_get();
    if (character >= 0)
      received = received * 256 + character;
  }
}
`

/** Builds the program with debug information and without optimisation, so that lines and variables are as written. */
export function buildDebugFirmware(): string {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  write('main.c', source)
  write('soc.h', socHeader(defaultSoc))
  write('link.ld', linkerScript(defaultSoc))
  const includes = [folder, ...runtimeIncludeDirs()].map((directory) => `-I${directory}`)
  const machine = ['-march=rv32im_zicsr_zifencei', '-mabi=ilp32', '-mcmodel=medany']
  const flags = ['-g', '-O0', '-ffreestanding', '-nostdlib', '-T', 'link.ld', '-o', 'main.elf']
  const sources = ['main.c', ...runtimeSources(['boot', 'hal', 'libc'])]
  execFileSync(gcc!, [...machine, ...flags, ...includes, ...sources], { cwd: folder, stdio: 'pipe' })
  return join(folder, 'main.elf')
}
