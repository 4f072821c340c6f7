# uint32_t enter_user(program, stack, argument): runs a program in user mode until its exception handler returns to
# leave_user; answers what a0 was then. What C expects to survive a call is kept on the kernel's stack meanwhile.

#define SAVED_BYTES 64

  .section .text.enter_user, "ax", @progbits
  .globl enter_user
  .type enter_user, @function
enter_user:
  addi sp, sp, -SAVED_BYTES
  sw ra, 0(sp)
  sw s0, 4(sp)
  sw s1, 8(sp)
  .irp n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
  sw s\n, 4 + 4 * \n(sp)
  .endr
  la t0, kernel_stack
  sw sp, 0(t0)
  li t0, 0x1800
  csrc mstatus, t0
  csrw mepc, a0
  mv sp, a1
  mv a0, a2
  mret

  .globl leave_user
leave_user:
  la t0, kernel_stack
  lw sp, 0(t0)
  lw ra, 0(sp)
  lw s0, 4(sp)
  lw s1, 8(sp)
  .irp n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
  lw s\n, 4 + 4 * \n(sp)
  .endr
  addi sp, sp, SAVED_BYTES
  ret
  .size enter_user, . - enter_user

  .bss
  .balign 4
  .type kernel_stack, @object
  .size kernel_stack, 4
kernel_stack:
  .zero 4
