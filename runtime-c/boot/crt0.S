# Reset to main. The loader has put code and initialised data in RAM already; what is left is
# gp, sp, the trap vector and a cleared .bss. main's result goes to the test finisher.

  .section .text.start, "ax", @progbits
  .globl _start
  .type _start, @function
_start:
  .option push
  .option norelax
  la gp, __global_pointer$
  .option pop
  la sp, __stack_top
  csrw mie, zero
  la t0, trap_entry
  csrw mtvec, t0

  la t0, __bss_start
  la t1, __bss_end
clear:
  bgeu t0, t1, run
  sw zero, 0(t0)
  addi t0, t0, 4
  j clear

run:
  li a0, 0
  li a1, 0
  call main
  call finish
  .size _start, . - _start
