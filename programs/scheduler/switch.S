# Preemption: saves every register of the running task on its own stack, asks schedule() for the stack of the next
# task, and goes on there. A frame is mepc in word 0 and xN in word N; sp itself is the frame's address.

#define FRAME_BYTES 128

  .section .text.switch_tasks, "ax", @progbits
  .globl switch_tasks
  .type switch_tasks, @function
  .balign 4
switch_tasks:
  addi sp, sp, -FRAME_BYTES
  sw x1, 4(sp)
  .irp n, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  sw x\n, 4 * \n(sp)
  .endr
  csrr t0, mepc
  sw t0, 0(sp)
  mv a0, sp
  call schedule

  .globl start_task
start_task:
  mv sp, a0
  lw t0, 0(sp)
  csrw mepc, t0
  # To machine mode with interrupts on: mret would else go to user mode.
  li t0, 0x1880
  csrs mstatus, t0
  lw x1, 4(sp)
  .irp n, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  lw x\n, 4 * \n(sp)
  .endr
  addi sp, sp, FRAME_BYTES
  mret
  .size switch_tasks, . - switch_tasks
