# Trap entries on a stack of their own, which begins where another variable ends: entered by a swap with mscratch, and by
# the address of the stack.

#define STACK_BYTES 1200

  .macro serve
  addi sp, sp, -64
  sw ra, 0(sp)
  .irp n, 0, 1, 2, 3, 4, 5, 6
  sw t\n, 4 + 4 * \n(sp)
  .endr
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7
  sw a\n, 32 + 4 * \n(sp)
  .endr
  call tick
  lw ra, 0(sp)
  .irp n, 0, 1, 2, 3, 4, 5, 6
  lw t\n, 4 + 4 * \n(sp)
  .endr
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7
  lw a\n, 32 + 4 * \n(sp)
  .endr
  addi sp, sp, 64
  .endm

  .section .text.entries, "ax", @progbits
  .globl enter_by_swap
  .balign 4
enter_by_swap:
  csrrw sp, mscratch, sp
  serve
  csrrw sp, mscratch, sp
  mret

  .globl enter_by_address
  .balign 4
enter_by_address:
  csrw mscratch, sp
  la sp, interrupt_stack + STACK_BYTES
  serve
  csrr sp, mscratch
  mret

  .bss
  .globl interrupt_stack
  .type interrupt_stack, @object
  .balign 16
interrupt_stack:
  .zero STACK_BYTES
  .size interrupt_stack, STACK_BYTES
  .type behind, @object
behind:
  .zero 4096
  .size behind, 4096
